import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../fakes/cli.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import { type CliSetup, getToken, messages, providersAt, runGateway, setUpCli, writeConfig } from './cli-gateway.ts';

let setup: CliSetup;
let umaskBefore: number;
beforeEach(() => {
  umaskBefore = process.umask(0);
});
afterEach(async () => {
  await setup?.[Symbol.asyncDispose]();
  process.umask(umaskBefore);
});

const NOBODY = 65_534;
const inState = (name: string) => join(setup.home.stateDir, name);

/** Everything below the home that others may read, write or enter, without what lies below a closed directory. */
function openToOthers(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    const mode = lstatSync(path).mode & 0o777;
    const open = (mode & 0o077) === 0 ? [] : [`${path} ${mode.toString(8)}`];
    if (!entry.isDirectory()) return open;
    return open.length === 0 && !path.startsWith(setup.home.stateDir) ? [] : [...open, ...openToOthers(path)];
  });
}

async function outcome(...command: readonly string[]): Promise<string> {
  const { code, stdout } = await runCli(setup.home, [...command, '--json']);
  const said = JSON.parse(stdout || '{}') as { error?: { code: string } };
  return `${code} ${said.error?.code ?? 'fine'}`;
}

describe('under umask 000', () => {
  it('every file is 0600 and every directory 0700, whatever was run', async () => {
    setup = await setUpCli();
    const { home } = setup;
    await outcome('config', 'set', 'log.level', 'debug');
    await outcome('config', 'set', 'log.level', 'info');
    await outcome('agents', 'add', 'reviewer');
    expect(await outcome('audit', 'export', '--out', join(home.directory, 'audit.jsonl'))).toBe('0 fine');
    expect(await outcome('connect', 'claude', '--yes')).toBe('0 fine');
    const gateway = await runGateway(home);
    const { token } = await getToken(home);
    expect((await messages(gateway.url, token, SMALL)).status).toBe(200);
    const answers = await fetch(`${gateway.url}/v1/enrollments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'builder', providers: ['anthropic'] }),
    });
    expect(answers.status).toBe(201);
    const keyFile = join(home.directory, 'agent.key');
    const enroll = [
      'enroll',
      '--server',
      gateway.url,
      '--name',
      'other-one',
      '--can',
      'anthropic',
      '--no-wait',
      '--json',
    ];
    const asked = await runCli(home, enroll, { env: { MOLTBOT_AGENT_KEY_FILE: keyFile } });
    expect([asked.code, lstatSync(keyFile).mode & 0o777]).toEqual([0, 0o600]);
    expect(lstatSync(inState('management.sock')).isSocket()).toBe(true);
    expect(openToOthers(home.directory)).toEqual([]);
    await gateway.kill();
    expect(await outcome('gateway', 'start', '--port', '0')).toBe('0 fine');
    expect(openToOthers(home.directory)).toEqual([]);
    expect(readdirSync(home.stateDir).length).toBeGreaterThan(6);
    expect(readdirSync(inState('config-versions')).length).toBeGreaterThan(0);
  });
});

describe('compiled code', () => {
  it('is kept in a private folder of its owner, not where others could put theirs first', async () => {
    setup = await setUpCli();
    const { directory } = setup.home;
    const temporary = join(directory, 'tmp');
    mkdirSync(temporary);
    // Node takes an empty variable for none.
    const env = { TMPDIR: temporary, NODE_COMPILE_CACHE: '', XDG_CACHE_HOME: '' };
    expect((await runCli(setup.home, ['active'], { env })).code).toBe(0);
    expect(readdirSync(temporary)).toEqual([]);
    const folder = join(directory, '.cache', 'moltbot', 'compiled');
    expect([statSync(folder).mode & 0o777, readdirSync(folder).length > 0]).toEqual([0o700, true]);
  });
});

describe('files that were there before, open to others', () => {
  it('are closed before anything is written to them', async () => {
    setup = await setUpCli();
    const names = ['state.sqlite', 'gateway.log', 'gateway.out', 'gateway.lock'];
    rmSync(inState('gateway.lock'), { force: true });
    for (const name of names) {
      if (!existsSync(inState(name))) writeFileSync(inState(name), '');
      chmodSync(inState(name), 0o666);
    }
    writeFileSync(inState('gateway.json'), '{}', { mode: 0o666 });
    chmodSync(setup.home.stateDir, 0o777);
    expect(await outcome('gateway', 'start', '--port', '0')).toBe('0 fine');
    expect(openToOthers(setup.home.stateDir)).toEqual([]);
    expect(statSync(setup.home.stateDir).mode & 0o777).toBe(0o700);
  });

  it('are refused where they hold what others may have changed or read: config, vault and its key', async () => {
    setup = await setUpCli();
    const { home } = setup;
    const test = ['models', 'auth', 'test', 'anthropic:default'];
    expect(await outcome(...test)).toBe('0 fine');
    for (const file of [inState('moltbot.json'), inState('vault.age'), join(home.directory, 'vault.key')]) {
      for (const mode of [0o644, 0o660, 0o602]) {
        chmodSync(file, mode);
        expect([file, await outcome(...test)]).toEqual([file, '77 NOT_PERMITTED']);
      }
      chmodSync(file, 0o600);
    }
    expect(await outcome(...test)).toBe('0 fine');
  });
});

describe('a link in the place of a file', () => {
  it.each(['state.sqlite', 'state.sqlite-wal', 'gateway.log', 'gateway.out', 'gateway.lock', 'vault.age'])(
    '%s is refused, and what it points to stays as it is',
    async (name) => {
      setup = await setUpCli();
      const target = join(setup.home.directory, 'target');
      writeFileSync(target, 'precious', { mode: 0o644 });
      rmSync(inState(name), { force: true });
      symlinkSync(target, inState(name));
      const command =
        name === 'vault.age' ? ['models', 'auth', 'test', 'anthropic:default'] : ['gateway', 'start', '--port', '0'];
      expect(await outcome(...command)).toBe('77 NOT_PERMITTED');
      expect([readFileSync(target, 'utf8'), statSync(target).mode & 0o777]).toEqual(['precious', 0o644]);
    },
  );

  it('gateway.json is replaced, and a state directory that is a link is refused', async () => {
    setup = await setUpCli();
    const { home } = setup;
    const target = join(home.directory, 'target');
    writeFileSync(target, 'precious');
    symlinkSync(target, inState('gateway.json'));
    expect(await outcome('gateway', 'start', '--port', '0')).toBe('0 fine');
    expect([readFileSync(target, 'utf8'), lstatSync(inState('gateway.json')).isSymbolicLink()]).toEqual([
      'precious',
      false,
    ]);
    await outcome('gateway', 'stop');
    const link = join(home.directory, 'link');
    symlinkSync(home.stateDir, link);
    const { code } = await runCli(home, ['agents', 'add', 'other'], { env: { MOLTBOT_HOME: link } });
    expect(code).toBe(77);
  });
});

describe.skipIf(process.getuid?.() !== 0)('what belongs to another user (only root can make such files)', () => {
  it.each(['', 'moltbot.json', 'state.sqlite', 'gateway.lock'])(
    'is refused: %s in the state directory',
    async (name) => {
      setup = await setUpCli();
      if (name === 'gateway.lock') writeFileSync(inState(name), '', { mode: 0o600 });
      chownSync(inState(name), NOBODY, NOBODY);
      expect(await outcome('gateway', 'start', '--port', '0')).toBe('77 NOT_PERMITTED');
    },
  );
});

describe('one flipped byte in the vault', () => {
  it('is found wherever it is: no command and no request goes on with it', async () => {
    setup = await setUpCli({ auth: { maxWaitMs: 0 } });
    const { home, simulator } = setup;
    const { token } = await getToken(home);
    const good = readFileSync(inState('vault.age'));
    const requests = simulator.requests.length;
    const step = Math.ceil(good.length / 12);
    for (let at = 5; at < good.length; at += step) {
      const bad = Buffer.from(good);
      bad[at] = bad[at]! ^ 1;
      writeFileSync(inState('vault.age'), bad);
      expect([at, await outcome('models', 'auth', 'test', 'anthropic:default')]).toEqual([
        at,
        expect.stringMatching(/^69 VAULT_(DAMAGED|LOCKED)$/),
      ]);
    }
    const gateway = await runGateway(home);
    const refused = await messages(gateway.url, token, SMALL);
    expect([refused.status, refused.headers.get('x-moltbot-error')]).toEqual([503, expect.stringMatching(/^VAULT_/)]);
    expect(simulator.requests.length).toBe(requests);
    writeFileSync(inState('vault.age'), good);
    expect((await messages(gateway.url, token, SMALL)).status).toBe(200);
    await gateway.kill();
  });

  it('leaves the damaged file as it is when a credential is to be stored', async () => {
    setup = await setUpCli();
    writeConfig(setup.home, { vault: { kind: 'file' }, models: { providers: providersAt(setup.simulator) } });
    const bad = readFileSync(inState('vault.age'));
    bad[bad.length - 3] = bad[bad.length - 3]! ^ 1;
    writeFileSync(inState('vault.age'), bad);
    const args = ['models', 'auth', 'paste-api-key', '--provider', 'xai', '--json'];
    const { code } = await runCli(setup.home, args, { input: setup.simulator.issueKey('xai', 'x') });
    expect([code, readFileSync(inState('vault.age')).equals(bad)]).toEqual([69, true]);
  });
});
