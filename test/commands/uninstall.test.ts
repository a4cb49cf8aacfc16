import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';

let home: CliHome;
beforeEach(() => {
  home = cliHome();
});
afterEach(() => home.remove());

describe('uninstall', () => {
  it('asks first, and without a terminal needs --yes', async () => {
    await runCli(home, ['get', 'anthropic']);
    const { code, stdout } = await runCli(home, ['uninstall', '--json']);
    expect([code, JSON.parse(stdout).error.code]).toEqual([64, 'USAGE']);
    expect(readdirSync(home.stateDir)).toContain('state.sqlite');
  });

  it('stops the gateway and removes its own files, and never a file of the person', async () => {
    mkdirSync(home.stateDir, { mode: 0o700 });
    writeFileSync(join(home.stateDir, 'moltbot.json'), '{ vault: { kind: "file" }, gateway: { port: 0 } }', {
      mode: 0o600,
    });
    const mine = join(home.stateDir, 'notes.txt');
    writeFileSync(mine, 'mine');
    const { url } = JSON.parse((await runCli(home, ['gateway', 'start', '--json'])).stdout);
    const removed = JSON.parse((await runCli(home, ['uninstall', '--yes', '--json'])).stdout);
    // The gateway keeps the key of the audit in the vault; a file that opens a vault may open another one, too.
    const left = [mine, home.env.MOLTBOT_VAULT_KEY_FILE];
    expect(removed).toMatchObject({ removedSecrets: 0, serviceRemoved: false, left });
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    expect(readdirSync(home.stateDir)).toEqual(['notes.txt']);
  });

  it('leaves no directory when all in it was its own', async () => {
    await runCli(home, ['get', 'anthropic']);
    expect((await runCli(home, ['uninstall', '--yes'])).code).toBe(0);
    expect(existsSync(home.stateDir)).toBe(false);
  });

  it('gives connected clients their settings back, and removes nothing where that cannot be done', async () => {
    const settings = join(home.directory, '.claude', 'settings.json');
    await runCli(home, ['connect', 'claude', '--yes']);
    writeFileSync(settings, '{ broken');
    const refused = await runCli(home, ['uninstall', '--yes', '--json']);
    expect([refused.code, JSON.parse(refused.stdout).error.code]).toEqual([78, 'CONFIG_INVALID']);
    expect(readdirSync(join(home.stateDir, 'connections'))).toEqual(['claude.json']);
    writeFileSync(settings, '{}');
    const { stdout, stderr } = await runCli(home, ['uninstall', '--yes']);
    expect(stderr).toContain(`To be given back: ${settings} (Claude Code)\n`);
    expect(stdout).toContain(`${settings} was edited since: only moltbot's settings were taken out`);
    expect(existsSync(home.stateDir)).toBe(false);
  });
});
