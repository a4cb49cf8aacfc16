import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cliHome, runCli } from '../fakes/cli.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/run.js');
const UNIT = '/etc/systemd/system/moltbot.service';

/** The command as somebody who is not root, whoever runs the tests. */
async function asNobody(args: readonly string[]) {
  const ids = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const env = { PATH: process.env.PATH!, HOME: '/nonexistent', SHELL: '/bin/sh' };
  const child = spawn(process.execPath, [PROGRAM, ...args], { ...ids, env, cwd: '/' });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...said };
}

describe.runIf(process.platform === 'linux')('moltbot gateway install --system', () => {
  it('without root says every step and what to type, and does nothing', async () => {
    const { code, stdout, stderr } = await asNobody(['gateway', 'install', '--system']);
    expect(code).toBe(77);
    expect(stdout).toMatch(/^As root:\n {2}groupadd .*\n {2}useradd .*\n {2}install -d .*/);
    expect(stdout).toContain(`--- ${UNIT}\n[Unit]\n`);
    expect(stderr).toContain(`sudo ${process.execPath} ${PROGRAM} gateway install --system`);
    expect(existsSync(UNIT)).toBe(false);
    const asJson = JSON.parse((await asNobody(['gateway', 'install', '--system', '--json'])).stdout);
    expect(asJson.error.code).toBe('NOT_PERMITTED');
  });

  it('with --print shows unit and steps to anybody', async () => {
    const { code, stdout } = await asNobody(['gateway', 'install', '--system', '--print', '--json']);
    const printed = JSON.parse(stdout);
    expect([code, printed.file, printed.written, printed.steps.length]).toEqual([0, UNIT, false, 8]);
    expect(printed.text).toContain(`ExecStart="${process.execPath}" "${PROGRAM}" "gateway" "run"`);
  });

  it('has nothing to take back where it was not installed', async () => {
    const home = cliHome();
    const { code, stdout } = await runCli(home, ['gateway', 'uninstall', '--system', '--json']);
    expect([code, JSON.parse(stdout).removed]).toEqual([0, false]);
    home.remove();
  });
});
