import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';
import { mayMount, mount } from '../fakes/mount.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import { type CliGateway, getToken, messages, providersAt, runGateway, writeConfig } from './cli-gateway.ts';

const may = mayMount();
if (!may)
  process.stderr.write('SKIPPED: the audit on a read-only and on a full file system; only root may mount one\n');

describe.skipIf(!may)('the file system of the audit (mounted for this test)', () => {
  let home: CliHome;
  let simulator: Simulator;
  let gateway: CliGateway;
  let token: string;
  beforeAll(async () => {
    home = cliHome();
    mkdirSync(home.stateDir, { mode: 0o700 });
    mount('-t', 'tmpfs', '-o', 'size=32m,mode=0700', 'tmpfs', home.stateDir);
    simulator = await startSimulator();
    writeConfig(home, {
      vault: { kind: 'file' },
      ledger: { minFreeDiskMb: 0 },
      models: { providers: providersAt(simulator) },
    });
    const key = simulator.issueKey('anthropic', 'default');
    await runCli(home, ['models', 'auth', 'paste-api-key', '--provider', 'anthropic'], { input: key });
    gateway = await runGateway(home);
    token = (await getToken(home, '--ttl', '1h')).token;
  });
  afterAll(async () => {
    await gateway.kill();
    await simulator.close();
    execFileSync('umount', [home.stateDir]);
    home.remove();
  });

  const ask = async () => {
    const response = await messages(gateway.url, token, SMALL);
    await response.text();
    return [response.status, response.headers.get('x-moltbot-error')];
  };
  /** An answer whose end could not be written down breaks off. */
  const askOrBreak = () => ask().catch(() => ['reset', null]);
  const forwarded = () => simulator.requests.length;

  it('made read-only: nothing is forwarded; made writable again: it serves, the same process', async () => {
    expect(await ask()).toEqual([200, null]);
    const before = forwarded();
    // The kernel keeps a mount writable while files on it are open for writing, so the same files are covered by a second
    // mount of their directory, which can be made read-only.
    mount('--bind', home.stateDir, home.stateDir);
    mount('-o', 'remount,bind,ro', home.stateDir);
    await sleep(150);
    try {
      expect(() => execFileSync('touch', [`${home.stateDir}/x`], { stdio: 'ignore' })).toThrow();
      for (let n = 0; n < 5; n++) expect(await ask()).toEqual([503, 'AUDIT_UNAVAILABLE']);
      expect(forwarded()).toBe(before);
      mount('-o', 'remount,bind,rw', home.stateDir);
      expect(await ask()).toEqual([200, null]);
      mount('-o', 'remount,bind,ro', home.stateDir);
      await sleep(150);
      expect(await ask()).toEqual([503, 'AUDIT_UNAVAILABLE']);
    } finally {
      execFileSync('umount', [home.stateDir]);
    }
    expect(await ask()).toEqual([200, null]);
    expect(forwarded()).toBe(before + 2);
    expect(gateway.child.exitCode).toBeNull();
  });

  it('full: nothing more is forwarded; with space again it serves, the same process', async () => {
    const filler = join(home.stateDir, 'filler');
    for (let size = 16 * 1024 * 1024; size >= 4096; size /= 2) {
      for (let full = false; !full; ) {
        try {
          writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
        } catch {
          full = true;
        }
      }
    }
    try {
      // What the database has room for in its own files is still written.
      let refused = await askOrBreak();
      for (let n = 0; n < 3_000 && refused[0] !== 503; n++) refused = await askOrBreak();
      expect(refused[0]).toBe(503);
      expect(['DISK_FULL', 'AUDIT_UNAVAILABLE']).toContain(refused[1]);
      const before = forwarded();
      // More are not remembered.
      expect(before).toBeLessThan(500);
      for (let n = 0; n < 5; n++) expect((await ask())[0]).toBe(503);
      expect(forwarded()).toBe(before);
    } finally {
      rmSync(filler);
    }
    expect(await ask()).toEqual([200, null]);
    expect(gateway.child.exitCode).toBeNull();
  });
});
