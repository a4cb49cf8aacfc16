import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { Database } from '../../src/database/database.ts';
import { MIGRATIONS } from '../../src/database/migrations.ts';
import { findCanary } from '../fakes/canary.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';

let home: CliHome;
beforeEach(() => {
  home = cliHome();
});
afterEach(() => home.remove());

// Built here, so that no text of this repository looks like a key.
const XAI_KEY = `xai-${'k9'.repeat(20)}`;
const OPENAI_KEY = ['sk', 'proj', 'q7'.repeat(20)].join('-');

async function doctor(...flags: string[]) {
  const result = await runCli(home, ['doctor', '--json', ...flags]);
  const { items, fixed } = JSON.parse(result.stdout) as { items: Finding[]; fixed: string[] };
  // Port 8400 of this machine may be anybody's; one test looks at it.
  const [port] = items.filter(({ check }) => check === 'port');
  const bad = items.filter(({ level, check }) => level !== 'ok' && check !== 'port');
  return { ...result, items, fixed, bad, port };
}

function writeConfig(text: string) {
  mkdirSync(home.stateDir, { recursive: true, mode: 0o700 });
  writeFileSync(join(home.stateDir, 'moltbot.json'), text, { mode: 0o600 });
}

async function store(provider: string, key: string, ...flags: string[]) {
  const words = ['models', 'auth', 'paste-api-key', '--provider', provider, '--vault', 'file', '--skip-test', ...flags];
  expect((await runCli(home, words, { input: key })).code).toBe(0);
}

const ALERTS = 'alerts';

describe('moltbot doctor on alerts', () => {
  const alertsOf = (bad: readonly Finding[]) => bad.filter(({ check }) => check === ALERTS);
  const tell = () => join(home.directory, 'tell');

  it('is content with a command that only its owner can change', async () => {
    writeFileSync(tell(), '#!/bin/sh\n', { mode: 0o700 });
    writeConfig(JSON.stringify({ alerts: { command: [tell()] } }));
    expect((await doctor()).items.filter(({ check }) => check === ALERTS)).toEqual([
      { check: ALERTS, level: 'ok', message: 'The ways of alerts are set up. Try them: moltbot alerts test' },
    ]);
  });

  it('finds a command that others can change, with exit code 77', async () => {
    writeFileSync(tell(), '#!/bin/sh\n');
    chmodSync(tell(), 0o777);
    writeConfig(JSON.stringify({ alerts: { command: [tell()] } }));
    const { code, bad } = await doctor();
    expect([code, alertsOf(bad)]).toEqual([
      77,
      [
        {
          check: ALERTS,
          level: 'problem',
          message: `The alert command ${tell()} can be changed by other users.`,
          remedy: `chmod go-w ${tell()}`,
          file: tell(),
        },
      ],
    ]);
  });

  it('finds a command that is no executable file, or is looked for', async () => {
    writeFileSync(tell(), '#!/bin/sh\n', { mode: 0o600 });
    writeConfig(JSON.stringify({ alerts: { command: [tell()] } }));
    expect(alertsOf((await doctor()).bad)).toEqual([
      {
        check: ALERTS,
        level: 'warning',
        message: `The alert command ${tell()} is not an executable file.`,
        remedy: `Make it one: chmod +x ${tell()}`,
        file: tell(),
      },
    ]);
    writeConfig(JSON.stringify({ alerts: { command: ['tell'] } }));
    expect(alertsOf((await doctor()).bad).map(({ message }) => message)).toEqual([
      'The alert command "tell" is not an absolute path, so what it is depends on who starts the gateway.',
    ]);
  });

  it('finds a webhook whose secret is not set, or that is at an address it may not be at', async () => {
    const webhook = { url: 'https://10.1.2.3/hidden-path', secret: '${HOOK_SECRET}' };
    writeConfig(JSON.stringify({ alerts: { webhook } }));
    expect(alertsOf((await doctor()).bad)).toEqual([
      {
        check: ALERTS,
        level: 'warning',
        message:
          "The config's alerts.webhook.secret needs the environment variable HOOK_SECRET, which is not set in this shell.",
        remedy: 'Set it where the gateway starts: export HOOK_SECRET=…',
      },
    ]);
    writeConfig(JSON.stringify({ env: { HOOK_SECRET: 'shared' }, alerts: { webhook } }));
    expect(alertsOf((await doctor()).bad)).toEqual([
      {
        check: ALERTS,
        level: 'problem',
        message: 'The webhook at https://10.1.2.3 is a private address.',
        remedy: 'If it is meant: moltbot config set alerts.webhook.allowPrivateNetwork true',
      },
    ]);
  });
});

describe('moltbot doctor', () => {
  it('finds nothing but the missing vault on a fresh machine, and creates nothing', async () => {
    const { code, bad } = await doctor();
    expect([code, bad]).toEqual([
      0,
      [{ check: 'vault', level: 'warning', message: 'No vault has been chosen yet.', remedy: 'moltbot onboard' }],
    ]);
    expect(existsSync(home.stateDir)).toBe(false);
  });

  it('is content with a healthy set-up', async () => {
    await store('xai', XAI_KEY);
    const { code, bad, items } = await doctor();
    expect([code, bad]).toEqual([0, []]);
    expect([...new Set(items.map(({ check }) => check))]).toEqual([
      'permissions',
      'config',
      'database',
      'prices',
      'vault',
      'port',
      'clock',
      'service',
      'profiles',
      'stray keys',
    ]);
  });

  it('names files that others can read, and makes them private with --fix', async () => {
    await store('xai', XAI_KEY);
    const database = join(home.stateDir, 'state.sqlite');
    chmodSync(database, 0o644);
    expect((await doctor()).bad).toMatchObject([
      { check: 'permissions', remedy: `chmod 600 ${database}`, file: database },
    ]);
    const { code, bad, fixed } = await doctor('--fix');
    expect([code, bad, fixed[0]]).toEqual([0, [], `${database} is private now.`]);
    expect(statSync(database).mode & 0o777).toBe(0o600);
  });

  it('finds keys in shell files and client settings by file and line, and never prints them', async () => {
    writeFileSync(join(home.directory, '.bashrc'), `# mine\nexport OPENAI_API_KEY=${OPENAI_KEY}\n`);
    mkdirSync(join(home.directory, '.claude'));
    writeFileSync(join(home.directory, '.claude/settings.json'), `{ "env": {\n"X": "${XAI_KEY}" } }`);
    const { bad, stdout, stderr } = await doctor();
    const stray = bad.filter(({ check }) => check === 'stray keys').map(({ file, line }) => [file, line]);
    expect(stray).toEqual([
      [join(home.directory, '.bashrc'), 2],
      [join(home.directory, '.claude/settings.json'), 2],
    ]);
    for (const key of [OPENAI_KEY, XAI_KEY]) expect(findCanary(key, { texts: { stdout, stderr } })).toEqual([]);
  });

  it('moves a key out of the config and its kept versions into the vault with --fix', async () => {
    writeConfig(`{\n  // keep me\n  env: { XAI_API_KEY: "${XAI_KEY}" },\n}\n`);
    const { code, fixed, stdout, stderr } = await doctor('--fix');
    expect(code).toBe(0);
    expect(fixed.at(-1)).toMatch(/^env\.XAI_API_KEY is now profile xai:default of agent main/);
    expect(readFileSync(join(home.stateDir, 'moltbot.json'), 'utf8')).toContain('// keep me');
    expect(findCanary(XAI_KEY, { directories: [home.directory], texts: { stdout, stderr } })).toEqual([]);
    const status = JSON.parse((await runCli(home, ['models', 'status', '--json'])).stdout);
    expect(status.auth.profiles.map(({ profileId }: { profileId: string }) => profileId)).toEqual(['xai:default']);
  });

  it('names a reference to a variable that is not set, and leaves it alone', async () => {
    const text = '{ env: { XAI_API_KEY: "$' + '{WORK_KEY}" } }';
    writeConfig(text);
    const { bad, fixed } = await doctor('--fix');
    expect(bad.filter(({ check }) => check === 'config').map(({ message }) => message)).toEqual([
      "The config's env.XAI_API_KEY refers to a variable that is not set in this shell.",
    ]);
    expect([fixed, readFileSync(join(home.stateDir, 'moltbot.json'), 'utf8')]).toEqual([[], text]);
    expect((await runCli(home, ['models', 'status'])).code).toBe(0);
  });

  it('names agents and profiles in the config that do not exist', async () => {
    writeConfig('{ agents: { list: [{ id: "ghost" }] }, auth: { order: { xai: ["xai:gone"] } } }');
    const messages = (await doctor()).bad.filter(({ check }) => check === 'config').map(({ message }) => message);
    expect(messages).toEqual([
      'The config has settings for an agent "ghost" that does not exist.',
      'The config\'s auth settings name xai:gone, which agent "main" does not have.',
    ]);
  });

  it('says a broken config once, with line and column, and exits 78', async () => {
    writeConfig('{\n  agents: [,\n}');
    const { code, bad } = await doctor();
    expect(code).toBe(78);
    expect(bad).toHaveLength(1);
    expect(bad[0]!.message).toMatch(/moltbot\.json:2:\d+/);
  });

  it('names a damaged database and exits 69', async () => {
    mkdirSync(home.stateDir, { mode: 0o700 });
    writeFileSync(join(home.stateDir, 'state.sqlite'), 'no database'.repeat(200), { mode: 0o600 });
    const { code, bad } = await doctor();
    expect([code, bad.some(({ message }) => message.includes('is damaged'))]).toEqual([69, true]);
  });

  it('names a vault whose key file is gone and exits 69', async () => {
    await store('xai', XAI_KEY);
    renameSync(join(home.directory, 'vault.key'), join(home.directory, 'elsewhere'));
    const { code, items } = await doctor();
    const keyFile = join(home.directory, 'vault.key');
    const hint = `Bring ${keyFile} back, or set MOLTBOT_VAULT_KEY_FILE to where it is.`;
    expect([code, items.filter(({ check }) => check === 'vault')]).toEqual([
      69,
      [
        {
          check: 'vault',
          level: 'problem',
          message: `The file vault is locked: The vault ${join(home.stateDir, 'vault.age')} cannot be opened: ${keyFile} is missing.`,
          remedy: hint,
        },
      ],
    ]);
    const words = ['models', 'auth', 'paste-api-key', '--provider', 'openai', '--skip-test'];
    const pasted = await runCli(home, words, { input: OPENAI_KEY });
    expect([pasted.code, pasted.stderr.includes(`Nothing was stored. ${hint}`)]).toEqual([69, true]);
  });

  it('decrypts the whole vault, so that a damaged byte in its middle is named', async () => {
    await store('xai', XAI_KEY);
    const vault = join(home.stateDir, 'vault.age');
    const bytes = readFileSync(vault);
    bytes[bytes.length - 40]! ^= 0xff;
    writeFileSync(vault, bytes);
    const { code, items } = await doctor();
    expect([code, items.filter(({ check }) => check === 'vault')]).toEqual([
      69,
      [
        {
          check: 'vault',
          level: 'problem',
          message: `The vault ${vault} is damaged and was left as it is.`,
          remedy: expect.stringContaining('Bring it back from a backup'),
        },
      ],
    ]);
  });

  it('names the program that holds the port of the gateway', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    writeConfig(`{ gateway: { port: ${port} } }`);
    const { code, port: finding } = await doctor();
    server.close();
    expect([code, finding!.level]).toEqual([69, 'problem']);
    expect(finding!.message).toContain(`(pid ${process.pid})`);
    expect(finding!.remedy).toMatch(/^Take another port: moltbot config set gateway\.port \d+$/);
  });

  it('names expired, old and unused credentials and a clock that is behind', async () => {
    await store('xai', XAI_KEY, '--expires-in', '3d');
    await store('openai', OPENAI_KEY);
    const database = Database.open(join(home.stateDir, 'state.sqlite'));
    const daysAgo = (days: number) => Date.now() - days * 86_400_000;
    database.run("UPDATE profiles SET created_at_ms = ? WHERE provider = 'openai'", daysAgo(100));
    expect((await doctor()).bad.map(({ message }) => message)).toEqual([
      'The credential of openai:default of agent main is older than 90 days.',
      'openai:default of agent main has not been used for 100 days.',
      'xai:default of agent main expires in 3 d.',
    ]);
    database.run("UPDATE profiles SET expires_at_ms = ? WHERE provider = 'xai'", daysAgo(1));
    database.run("UPDATE profiles SET last_used_at_ms = ? WHERE provider = 'openai'", daysAgo(-2));
    database.close();
    const { code, bad } = await doctor();
    expect(bad.map(({ check, level }) => [check, level])).toEqual([
      ['clock', 'problem'],
      // One is old, the other has expired.
      ['profiles', 'warning'],
      ['profiles', 'problem'],
    ]);
    expect(code).toBe(69);
  });

  it('brings the state of an earlier version up to date with --fix, and what was stored serves on', async () => {
    await store('xai', XAI_KEY);
    const path = join(home.stateDir, 'state.sqlite');
    const now = Database.open(path);
    const profiles = now.all('SELECT * FROM profiles');
    now.close();
    for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
    const before = new DatabaseSync(path);
    before.exec(`${MIGRATIONS[0]!}; PRAGMA user_version = 1`);
    const names = Object.keys(profiles[0]!);
    before
      .prepare(`INSERT INTO profiles (${names.join()}) VALUES (${names.map(() => '?').join()})`)
      .run(...Object.values(profiles[0]!));
    before.close();
    chmodSync(path, 0o600);
    expect((await runCli(home, ['models', 'auth', 'list'])).stderr).toContain('moltbot doctor --fix');
    const { code, fixed } = await doctor('--fix');
    expect([code, fixed]).toEqual([0, [`${path} is up to date.`]]);
    const list = await runCli(home, ['models', 'auth', 'list', '--json']);
    expect(JSON.parse(list.stdout).items).toMatchObject([{ profileId: 'xai:default' }]);
  });

  it('finishes what a crash left half-done with --fix', async () => {
    await store('xai', XAI_KEY);
    const database = Database.open(join(home.stateDir, 'state.sqlite'));
    database.run("UPDATE profiles SET state = 'removing'");
    database.close();
    expect((await doctor()).bad.map(({ message }) => message)).toEqual([
      'Profile xai:default of agent main was left half-done (removing).',
    ]);
    expect((await doctor('--fix')).fixed).toEqual(['xai:default: removal finished']);
  });

  it.each([
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
    ['NODE_DEBUG', 'http'],
  ])('names an environment in which the gateway refuses to start: %s', async (name, value) => {
    const result = await runCli(home, ['doctor', '--json'], { env: { [name]: value } });
    expect(result.code).toBe(78);
    const { items } = JSON.parse(result.stdout) as { items: Finding[] };
    expect(items.find(({ check }) => check === 'service')!.message).toContain(name);
  });
});
