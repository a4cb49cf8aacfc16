import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Guard } from '../../src/agents/guard.ts';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { Secret } from '../../src/core/secret.ts';
import { Database } from '../../src/database/database.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { findCanary } from '../fakes/canary.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';
import { hasTmux, openTerminal, type Terminal } from '../fakes/terminal.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/run.js');
const PASSPHRASE = 'höher als der Zaun';

let simulator: Simulator;
let home: CliHome;
let terminal: Terminal | undefined;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
beforeEach(async () => {
  home = cliHome();
  const place = ['--base-url', simulator.url, '--vault', 'file', '--profile-id', 'anthropic:work'];
  const input = simulator.issueKey('anthropic', 'work');
  await runCli(home, ['models', 'auth', 'paste-api-key', '--provider', 'anthropic', ...place], { input });
  await runCli(home, ['agents', 'add', 'reviewer']);
});
afterEach(() => {
  terminal?.close();
  terminal = undefined;
  home.remove();
});

function inDatabase<T>(work: (database: Database) => T): T {
  const database = Database.open(join(home.stateDir, 'state.sqlite'));
  try {
    return work(database);
  } finally {
    database.close();
  }
}
const setPassphrase = () => inDatabase((database) => new Guard(database).set(new Secret(PASSPHRASE)));
const isSet = () => inDatabase((database) => new Guard(database).isSet());
const story = () =>
  inDatabase((database) => new AuditLog(database).after({ limit: 100 }))
    .filter(({ action }) => action.startsWith('guard.') || action.startsWith('credential.grant'))
    .map(({ action, subject }) => `${action} ${subject}`);

async function withoutTerminal(args: readonly string[], input = '') {
  const { code, stdout } = await runCli(home, [...args, '--json'], { input });
  return { code, value: JSON.parse(stdout) };
}
const outcome = async (args: readonly string[], input?: string) => {
  const { code, value } = await withoutTerminal(args, input);
  return [code, value.error?.code];
};

describe.runIf(hasTmux())('a guard passphrase', () => {
  async function answer(args: readonly string[], ...answers: readonly string[]): Promise<number> {
    terminal = openTerminal(home, args);
    for (const [index, text] of answers.entries()) {
      await terminal.shows(index === 0 ? /passphrase[^\n]*\(hidden\)/ : /same again[^\n]*\(hidden\)/);
      terminal.paste(text);
      terminal.press('Enter');
    }
    const code = await terminal.exitCode();
    expect(findCanary(PASSPHRASE, { texts: { screen: terminal.screen() } })).toEqual([]);
    terminal.close();
    terminal = undefined;
    return code;
  }

  it('is set by typing it twice, shown by status, and removed with itself only', async () => {
    expect(JSON.parse((await runCli(home, ['guard', 'status', '--json'])).stdout).set).toBe(false);
    expect(await answer(['guard', 'set'], PASSPHRASE, PASSPHRASE)).toBe(0);
    expect(JSON.parse((await runCli(home, ['guard', 'status', '--json'])).stdout).set).toBe(true);
    expect(findCanary(PASSPHRASE, { directories: [home.directory] })).toEqual([]);
    expect(await answer(['guard', 'remove'], 'something else')).toBe(77);
    expect(isSet()).toBe(true);
    expect(await answer(['guard', 'remove'], PASSPHRASE)).toBe(0);
    expect(isSet()).toBe(false);
    expect(story()).toEqual(['guard.set guard', 'guard.refused remove the guard passphrase', 'guard.removed guard']);
  });

  it('is not set when the two are not the same, or it is too short', async () => {
    expect(await answer(['guard', 'set'], PASSPHRASE, 'something else')).toBe(64);
    expect(await answer(['guard', 'set'], 'short')).toBe(64);
    expect([isSet(), story()]).toEqual([false, []]);
  });

  it('is asked for before a grant, which happens with it and not without', async () => {
    setPassphrase();
    const grant = ['models', 'auth', 'grant', 'anthropic:work', '--to', 'reviewer'];
    expect(await answer(grant, 'wrong passphrase')).toBe(77);
    expect(await answer(grant, PASSPHRASE)).toBe(0);
    expect(story()).toEqual([
      'guard.refused grant anthropic:work of agent main to reviewer',
      'credential.granted main/anthropic:work',
    ]);
  });

  it('is asked for on the terminal also while stdin is a pipe', async () => {
    setPassphrase();
    const key = simulator.issueKey('anthropic', 'piped');
    writeFileSync(join(home.directory, 'key.txt'), key);
    const args = ['paste-api-key', '--provider', 'anthropic', '--profile-id', 'anthropic:piped', '--base-url'];
    const command = `'${process.execPath}' '${PROGRAM}' models auth ${args.join(' ')} '${simulator.url}'`;
    terminal = openTerminal(home, [], {}, `cat '${home.directory}/key.txt' | ${command}`);
    await terminal.shows(/Guard passphrase, to send a credential of anthropic to .*\(hidden\)/);
    terminal.paste(PASSPHRASE);
    terminal.press('Enter');
    expect(await terminal.exitCode()).toBe(0);
    expect(terminal.screen()).toContain('Stored anthropic:piped');
  });

  it('is offered once at onboarding and set there', async () => {
    const other = cliHome();
    try {
      const place = ['--base-url', simulator.url, '--vault', 'file', '--auth-choice', 'apiKey'];
      terminal = openTerminal(other, ['onboard', ...place, '--model', 'anthropic/claude-haiku-4-5']);
      await terminal.shows(/What do you want to use\?/);
      terminal.press('Enter');
      await terminal.shows(/Paste the .*\(hidden\)/);
      terminal.paste(simulator.issueKey('anthropic', 'other'));
      terminal.press('Enter');
      await terminal.shows(/Write this\?/);
      terminal.press('Enter');
      await terminal.shows(/Ask for a passphrase before anything widens/);
      terminal.press('y', 'Enter');
      await terminal.shows(/New guard passphrase.*\(hidden\)/);
      terminal.paste(PASSPHRASE);
      terminal.press('Enter');
      await terminal.shows(/The same again:.*\(hidden\)/);
      terminal.paste(PASSPHRASE);
      terminal.press('Enter');
      expect(await terminal.exitCode()).toBe(0);
      expect(terminal.screen()).toMatch(/The guard passphrase is set[\s\S]*Next: /);
      expect(JSON.parse((await runCli(other, ['guard', 'status', '--json'])).stdout).set).toBe(true);
    } finally {
      terminal?.close();
      terminal = undefined;
      other.remove();
    }
  });
});

describe('without a terminal', () => {
  const auth = (...args: string[]) => ['models', 'auth', ...args];
  const elsewhere = ['--base-url', 'http://127.0.0.1:9', '--skip-test'];

  it('what widens is refused while a guard passphrase is set, and nothing changes', async () => {
    setPassphrase();
    const refused = [77, 'GUARD_REFUSED'];
    expect(await outcome(auth('grant', 'anthropic:work', '--to', 'reviewer'))).toEqual(refused);
    expect(await outcome(['get', 'anthropic', '--agent', 'reviewer'])).toEqual(refused);
    expect(await outcome(['env', '--agent', 'reviewer'])).toEqual(refused);
    expect(await outcome(['config', 'set', 'models.providers.anthropic.baseUrl', 'http://127.0.0.1:9'])).toEqual(
      refused,
    );
    expect(await outcome(['config', 'set', 'network.proxyUrl', 'http://127.0.0.1:9'])).toEqual(refused);
    expect(await outcome(['backend', 'add', 'local', '--base-url', 'http://127.0.0.1:9'])).toEqual(refused);
    const key = simulator.issueKey('anthropic', 'other');
    const paste = auth('paste-api-key', '--provider', 'anthropic', '--profile-id', 'anthropic:other', ...elsewhere);
    expect(await outcome(paste, key)).toEqual(refused);
    const onboard = ['onboard', '--anthropic-api-key-stdin', '--profile-id', 'anthropic:other', ...elsewhere];
    expect(await outcome(onboard, key)).toEqual(refused);
    expect(await outcome(['guard', 'set'])).toEqual(refused);
    expect(await outcome(['guard', 'remove'])).toEqual(refused);
    expect([isSet(), story()]).toEqual([true, []]);
    expect((await withoutTerminal(auth('list'))).value.items).toHaveLength(1);
    expect((await withoutTerminal(['config', 'get', 'models.providers'])).value.value).toEqual({});
  });

  it('what narrows is done all the same, and so is daily work', async () => {
    await runCli(home, auth('grant', 'anthropic:work', '--to', 'reviewer'));
    setPassphrase();
    const fine = [0, undefined];
    expect(await outcome(['get', 'anthropic'])).toEqual(fine);
    expect(await outcome(['config', 'set', 'gateway.port', '8410'])).toEqual(fine);
    expect(await outcome(auth('replace', 'anthropic:work', '--stdin'), simulator.issueKey('anthropic', 'new'))).toEqual(
      fine,
    );
    expect(await outcome(auth('revoke-grant', 'anthropic:work', '--from', 'reviewer'))).toEqual(fine);
    expect(await outcome(auth('remove', 'anthropic:work', '--yes'))).toEqual(fine);
    expect(await outcome(['agents', 'remove', 'reviewer', '--yes'])).toEqual(fine);
    expect(await outcome(['guard', 'status'])).toEqual(fine);
  });

  it('an agent’s own programs get tokens for it without being asked, and not for others', async () => {
    setPassphrase();
    const own = { ...home, env: { ...home.env, MOLTBOT_AGENT: 'reviewer' } };
    expect((await runCli(own, ['get', 'anthropic'])).code).toBe(0);
    home = own;
    expect(await outcome(['get', 'anthropic', '--agent', 'main'])).toEqual([77, 'GUARD_REFUSED']);
  });
});
