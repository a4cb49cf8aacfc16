import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call } from './call.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = `
  import Simulate from './commands/simulate.ts';
  import { reportError } from './src/cli/report-error.ts';
  const argv = process.argv.slice(1);
  try { await Simulate.run(argv, process.cwd()); } catch (error) { process.exitCode = reportError(error, argv); }
`;
const hi = { model: 'claude-haiku-4-5-20251001', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] };

let directory: string;
let children: Child[];

interface Child {
  readonly process: ChildProcess;
  stdout: string;
  stderr: string;
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'simulate-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.process.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

function simulate(...argv: string[]): Child {
  const env = { ...process.env, MOLTBOT_STATE_DIR: directory, HOME: directory, NO_COLOR: '1' };
  const started = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, '--', ...argv], { cwd: root, env });
  const child: Child = { process: started, stdout: '', stderr: '' };
  started.stdout.on('data', (text) => {
    child.stdout += text;
  });
  started.stderr.on('data', (text) => {
    child.stderr += text;
  });
  children.push(child);
  return child;
}

const waitFor = (child: Child, text: RegExp) => expect.poll(() => child.stdout, { timeout: 15_000 }).toMatch(text);

describe('moltbot simulate', () => {
  it('prints one object, serves with the keys it names, notes each request, and stops when told to', async () => {
    const child = simulate('--json', '--scenario', 'rate-limited-first');
    await waitFor(child, /\n}\n$/);
    const { url, keys, ...rest } = JSON.parse(child.stdout);
    expect(rest).toEqual({
      schemaVersion: 1,
      pid: child.process.pid,
      scenario: 'rate-limited-first',
      baseUrls: { anthropic: url, openai: `${url}/openai/v1`, xai: `${url}/xai/v1` },
    });
    const key = (name: string) => keys.find((issued: { name: string }) => issued.name === name).key;
    const send = (name: string) =>
      call(`${url}/v1/messages`, { body: hi, headers: { 'x-api-key': key(name), 'anthropic-version': '2023-06-01' } });
    const first = await send('first');
    expect([first.status, first.headers['retry-after']]).toEqual([429, '120']);
    expect((await send('second')).status).toBe(200);
    await expect
      .poll(() => child.stderr)
      .toMatch(/ · POST \/v1\/messages · second · claude-haiku-4-5-20251001 · 200\n$/);
    expect(child.stderr).toMatch(/ · first · claude-haiku-4-5-20251001 · 429 · scripted: error\n/);
    child.process.kill('SIGTERM');
    expect(await once(child.process, 'exit')).toEqual([0, null]);
    expect(() => JSON.parse(child.stdout)).not.toThrow();
  });

  it('tells people the keys and the commands that store them', async () => {
    const child = simulate();
    await waitFor(child, /__simulator\/requests/);
    const url = /Simulator on (http:\/\/127\.0\.0\.1:\d+)\./.exec(child.stdout)![1];
    expect(child.stdout).toContain(`--profile-id anthropic:first --base-url ${url}\n`);
    expect(child.stdout).toMatch(
      /moltbot onboard --xai-api-key xai-sim-\S+ --profile-id xai:first --base-url \S+\/xai\/v1\n/,
    );
    expect(child.stdout).toMatch(
      /printf %s sk-ant-oat01-sim\S+ \| moltbot models auth paste-token --provider anthropic/,
    );
    child.process.kill('SIGINT');
    expect(await once(child.process, 'exit')).toEqual([0, null]);
  });

  it('plays a script from a file', async () => {
    const file = join(directory, 'outage.json5');
    writeFileSync(
      file,
      '{ keys: [{ provider: "openai", name: "a" }], rules: [{ fail: { kind: "error", error: "billing" } }] }',
    );
    const child = simulate('--json', '--script', file);
    await waitFor(child, /\n}\n$/);
    const { baseUrls, keys } = JSON.parse(child.stdout);
    const headers = { authorization: `Bearer ${keys[0].key}` };
    expect((await call(`${baseUrls.openai}/models`, { headers })).status).toBe(402);
  });

  it.each([
    [['--scenario', 'nonsense'], 64, 'There is no scenario "nonsense".'],
    [['--script', '/nowhere/x.json5'], 78, 'The simulator script /nowhere/x.json5 cannot be read.'],
  ])('refuses %j with exit code %i', async (argv, code, message) => {
    const child = simulate(...argv, '--json');
    const [exitCode] = await once(child.process, 'exit');
    expect(exitCode).toBe(code);
    expect(JSON.parse(child.stdout).error.message).toBe(message);
  });
});
