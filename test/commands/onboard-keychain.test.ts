import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { findCanary } from '../fakes/canary.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';
import { KeyringSession, keyringInstallCommand } from '../fakes/keyring-session.ts';

const missing = keyringInstallCommand();
if (missing) console.warn(`Skipped: onboarding into a real keychain. It needs: ${missing}`);

describe.skipIf(missing !== undefined)('moltbot onboard where a keychain is open', () => {
  let session: KeyringSession;
  let simulator: Simulator;
  let home: CliHome;
  let env: Record<string, string>;

  beforeAll(async () => {
    [session, simulator] = await Promise.all([KeyringSession.start(), startSimulator()]);
    home = cliHome();
    const entries = Object.entries(session.env).filter(([name, value]) => value !== undefined && name !== 'HOME');
    env = Object.fromEntries(entries) as Record<string, string>;
  });
  afterAll(async () => {
    await Promise.all([session.stop(), simulator.close()]);
    home.remove();
  });

  const status = async () => JSON.parse((await runCli(home, ['models', 'status', '--json'], { env })).stdout);

  it('picks the keychain first, says so, writes it into the config, and works from it', async () => {
    const input = simulator.issueKey('anthropic', 'work');
    const words = ['onboard', '--anthropic-api-key', '-', '--base-url', simulator.url, '--json'];
    const result = await runCli(home, words, { env, input });
    expect([result.code, result.stderr]).toEqual([
      0,
      'The keychain of this system is open and keeps what is stored in it. The config now says so.\n',
    ]);
    expect(readFileSync(join(home.stateDir, 'moltbot.json'), 'utf8')).toMatch(/kind: ["']keychain["']/);
    expect(findCanary(input, { directories: [home.directory], texts: { ...result, code: '' } })).toEqual([]);
    expect((await runCli(home, ['models', 'auth', 'test'], { env })).code).toBe(0);
  });

  it('shows the status without it while it is locked, and refuses to store anything elsewhere', async () => {
    await session.lock();
    const found = await status();
    expect(found.auth.vault).toEqual({ kind: 'keychain', available: false });
    expect(found.auth.profiles).toHaveLength(1);
    const input = simulator.issueKey('anthropic', 'second');
    const words = ['models', 'auth', 'paste-api-key', '--provider', 'anthropic', '--base-url', simulator.url, '--json'];
    const result = await runCli(home, words, { env, input });
    expect([result.code, JSON.parse(result.stdout).error.code]).toEqual([69, 'VAULT_LOCKED']);
    expect((await status()).auth.profiles).toEqual(found.auth.profiles);
    expect(simulator.requests.map(({ credentials }) => credentials[0]!.name)).not.toContain('second');
  });
});
