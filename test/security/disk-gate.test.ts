import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';
import { mayMount, mount } from '../fakes/mount.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import { type CliGateway, getToken, messages, providersAt, runGateway, writeConfig } from './cli-gateway.ts';

const may = mayMount();
if (!may) process.stderr.write('SKIPPED: the gate of the disk; only root may mount a small file system\n');

const MB = 1_048_576;

describe.skipIf(!may)('the disk of the state (mounted for this test)', () => {
  let home: CliHome;
  let simulator: Simulator;
  let gateway: CliGateway;
  let token: string;
  beforeAll(async () => {
    home = cliHome();
    mkdirSync(home.stateDir, { mode: 0o700 });
    mount('-t', 'tmpfs', '-o', 'size=64m,mode=0700', 'tmpfs', home.stateDir);
    simulator = await startSimulator();
    const config = { vault: { kind: 'file' }, models: { providers: providersAt(simulator) } };
    writeConfig(home, { ...config, ledger: { minFreeDiskMb: 32 } });
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
    const text = await response.text();
    const header = (name: string) => response.headers.get(name);
    return { status: response.status, error: header('x-moltbot-error'), gate: header('x-moltbot-gate'), text };
  };
  const json = async (...args: string[]) => {
    const { code, stdout } = await runCli(home, [...args, '--json']);
    return { code, ...JSON.parse(stdout) };
  };

  it('nearly full: nothing is forwarded, every face says so and what to do; with room again it serves, the same process', async () => {
    expect((await ask()).status).toBe(200);
    expect(await json('gates')).toMatchObject({ code: 0, stopping: [] });
    const filler = join(home.stateDir, 'filler');
    writeFileSync(filler, Buffer.alloc(40 * MB));
    try {
      await vi.waitFor(async () => expect((await ask()).status).toBe(503), { timeout: 10_000, interval: 100 });
      const before = simulator.requests.length;
      const refused = await ask();
      expect(refused).toMatchObject({ status: 503, error: 'DISK_FULL', gate: 'disk' });
      expect(refused.text).toMatch(/Only \d+ MB are free on the disk of the gateway's state, and 32 MB must be/);
      const ready = await fetch(`${gateway.url}/readyz`);
      const self = await fetch(`${gateway.url}/v1/self`, { headers: { authorization: `Bearer ${token}` } });
      expect([ready.status, await self.json()]).toEqual([
        503,
        expect.objectContaining({ gates: expect.arrayContaining([expect.objectContaining({ name: 'disk' })]) }),
      ]);
      const closed = {
        name: 'disk',
        open: false,
        why: expect.stringMatching(
          /Free some space, or ask for less with: moltbot config set ledger\.minFreeDiskMb \d+$/,
        ),
      };
      const gates = await json('gates');
      expect([gates.code, gates.stopping, gates.items]).toEqual([3, ['disk'], expect.arrayContaining([closed])]);
      expect((await json('models', 'status')).gates).toContainEqual(closed);
      expect(await json('why')).toMatchObject({
        gate: { name: 'disk' },
        command: expect.stringMatching(/^moltbot config set ledger\.minFreeDiskMb \d+$/),
      });
      expect(simulator.requests.length).toBe(before);
    } finally {
      rmSync(filler);
    }
    await vi.waitFor(async () => expect((await ask()).status).toBe(200), { timeout: 10_000, interval: 100 });
    expect(gateway.child.exitCode).toBeNull();
    const { items } = await json('alerts', 'list');
    expect(items.map(({ kind }: { kind: string }) => kind).toSorted()).toEqual(['disk.enough', 'disk.low']);
  });

  it('nearly full, with less asked for in the configuration: it serves', async () => {
    const filler = join(home.stateDir, 'filler');
    writeFileSync(filler, Buffer.alloc(40 * MB));
    await vi.waitFor(async () => expect((await ask()).status).toBe(503), { timeout: 10_000, interval: 100 });
    const { command } = await json('why');
    expect((await runCli(home, (command as string).split(' ').slice(1))).code).toBe(0);
    await vi.waitFor(async () => expect((await ask()).status).toBe(200), { timeout: 10_000, interval: 100 });
  });
});
