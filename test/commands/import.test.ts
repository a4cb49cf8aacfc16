import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Guard } from '../../src/agents/guard.ts';
import { Secret } from '../../src/core/secret.ts';
import { Database } from '../../src/database/database.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { findCanary } from '../fakes/canary.ts';
import { type CliOptions, runCli } from '../fakes/cli.ts';
import { home, simulateForEach, simulator } from '../fakes/simulated-home.ts';
import { hasTmux, openTerminal } from '../fakes/terminal.ts';
import { providersAt, writeConfig } from '../security/cli-gateway.ts';

simulateForEach();
beforeEach(() => writeConfig(home, { vault: { kind: 'file' }, models: { providers: providersAt(simulator) } }));

const run = (args: readonly string[], options?: CliOptions) => runCli(home, ['import', ...args], options);
const key = (name: string) => simulator.issueKey('anthropic', name);
const inHome = (...parts: readonly string[]) => join(home.directory, ...parts);

function put(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** OpenClaw's file of one agent. */
function openclaw(profiles: Record<string, object>, agent = 'main'): string {
  const text = JSON.stringify({ version: 1, profiles }, null, 2);
  return put(inHome('.openclaw', 'agents', agent, 'agent', 'auth-profiles.json'), text);
}

const apiKey = (text: string, provider = 'anthropic') => ({ type: 'api_key', provider, key: text });

/** The databases as the two tools make them, with one cell. */
function openclawDatabase(path: string, profiles: Record<string, object>): void {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(
    'CREATE TABLE auth_profile_store (store_key TEXT PRIMARY KEY, store_json TEXT NOT NULL, updated_at INTEGER)',
  );
  database.exec('CREATE TABLE sessions (id TEXT PRIMARY KEY, text TEXT)');
  database.prepare('INSERT INTO sessions VALUES (?, ?)').run('s', 'hello');
  database
    .prepare('INSERT INTO auth_profile_store VALUES (?, ?, ?)')
    .run('primary', JSON.stringify({ version: 2, profiles }), 7);
  database.close();
}

function routerDatabase(config: object): string {
  const path = inHome('.claude-code-router', 'config.sqlite');
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE app_config (key TEXT PRIMARY KEY, value_json TEXT NOT NULL, updated_at TEXT NOT NULL)');
  database.prepare('INSERT INTO app_config VALUES (?, ?, ?)').run('default', JSON.stringify(config), 'now');
  database.close();
  return path;
}

async function imported(args: readonly string[], options?: CliOptions) {
  const result = await run([...args, '--json'], options);
  return { ...result, json: JSON.parse(result.stdout) };
}

async function profileIds(): Promise<string[]> {
  const { stdout } = await runCli(home, ['models', 'status', '--json']);
  return JSON.parse(stdout)
    .auth.profiles.map(({ profileId }: { profileId: string }) => profileId)
    .sort();
}

describe('moltbot import', () => {
  it('brings OpenClaw’s keys and tokens, tested, and counts both sides', async () => {
    const token = simulator.issueKey('anthropic', 'mine', 'token');
    const file = openclaw({
      'anthropic:default': apiKey(key('work')),
      'anthropic:manual': { type: 'token', provider: 'anthropic', token, expires: Date.now() + 86_400_000 },
      'anthropic:claude-cli': { type: 'oauth', provider: 'anthropic', access: 'a', refresh: 'r', expires: 1 },
      'xai:default': apiKey(simulator.issueKey('xai', 'x'), 'xai'),
    });
    openclaw({ 'anthropic:default': apiKey(key('work')) }, 'ops');
    const { code, json, stderr } = await imported(['openclaw']);
    expect(code).toBe(0);
    expect(json).toMatchObject({
      schemaVersion: 1,
      tool: 'openclaw',
      agentId: 'main',
      found: 5,
      brought: 3,
      present: 0,
      repeated: 1,
      leftOut: 1,
      scrubbedFiles: [],
    });
    expect(
      json.items.map(({ status, where, profileId }: Record<string, string>) => [status, where, profileId]),
    ).toEqual([
      ['brought', 'profiles["anthropic:default"]', 'anthropic:default'],
      ['brought', 'profiles["anthropic:manual"]', 'anthropic:manual'],
      ['left_out', 'profiles["anthropic:claude-cli"]', undefined],
      ['brought', 'profiles["xai:default"]', 'xai:default'],
      ['repeated', 'profiles["anthropic:default"]', 'anthropic:default'],
    ]);
    expect(json.items[0]).toMatchObject({
      file,
      label: `sk-ant-sim-…${key('work').slice(-4)}`,
      origin: simulator.url,
      test: { verdict: 'valid', statusCode: 200 },
    });
    expect(json.items[2].reason).toMatch(/refresh token \(OAuth\).*claude setup-token/);
    expect(json.filesWithKeys).toMatchObject([
      { path: file, keys: 3, logins: 1 },
      { keys: 1, logins: 0 },
    ]);
    expect(stderr).toMatch(/A subscription token is meant for its owner/);
    expect(simulator.requests).toHaveLength(3);
    expect(await profileIds()).toEqual(['anthropic:default', 'anthropic:manual', 'xai:default']);
  });

  it('says for people what was brought, what was not and why, and which files still hold keys', async () => {
    const file = openclaw({
      'anthropic:default': apiKey(key('work')),
      'groq:default': apiKey('gsk-sim-0123456789', 'groq'),
    });
    const { stdout, code } = await run(['openclaw']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Stored anthropic:default \(sk-ant-sim-….{4}\) for agent main on /);
    expect(stdout).toContain(
      `Left out: groq (…6789) in ${file}, profiles["groq:default"] belongs to a provider that is not defined here. Define it, then import again: moltbot backend add groq --base-url <url>`,
    );
    expect(stdout).toMatch(/OpenClaw: 2 found, 1 brought, 1 left out\. Agent main on /);
    expect(stdout).toContain(`Still holds 2 keys: ${file}`);
    expect(stdout.trim().split('\n').at(-1)).toBe('Take them out with: moltbot import openclaw --scrub-source');
  });

  it('leaves the key nowhere but in the vault and in its source', async () => {
    const file = openclaw({ 'anthropic:default': apiKey(key('work')), 'anthropic:bad': apiKey(`${key('work')} x`) });
    const texts: Record<string, string> = {};
    for (const args of [['--dry-run'], ['--json'], [], ['--from', file, '--replace', '--json']]) {
      const { stdout, stderr } = await run(['openclaw', ...args]);
      texts[`stdout ${args}`] = stdout;
      texts[`stderr ${args}`] = stderr;
    }
    expect(findCanary(key('work'), { directories: [home.directory], texts })).toEqual([file]);
  });

  it('writes nothing and calls nobody in a dry run', async () => {
    openclaw({ 'anthropic:default': apiKey(key('work')) });
    const { code, json } = await imported(['openclaw', '--dry-run', '--scrub-source']);
    expect([code, json.planned, json.brought, json.dryRun]).toEqual([0, 1, 0, true]);
    expect(json.items[0]).toMatchObject({ status: 'planned', profileId: 'anthropic:default', origin: simulator.url });
    expect(simulator.requests).toEqual([]);
    expect(['vault.age', 'state.sqlite'].filter((name) => existsSync(join(home.stateDir, name)))).toEqual([]);
  });

  it('reads OpenClaw’s databases and takes the keys out of them, and nothing else', async () => {
    const path = inHome('.openclaw', 'agents', 'main', 'agent', 'openclaw-agent.sqlite');
    const other = apiKey('sk-or-sim-0123456789', 'openrouter');
    openclawDatabase(path, { 'anthropic:default': apiKey(key('work')), 'openrouter:default': other });
    const { code, json } = await imported(['openclaw', '--scrub-source', '--yes']);
    expect([code, json.brought, json.leftOut, json.scrubbedFiles]).toEqual([0, 1, 1, [path]]);
    expect(json.filesWithKeys).toEqual([{ path, keys: 1, logins: 0 }]);
    expect(readFileSync(path).includes(key('work'))).toBe(false);
    const database = new DatabaseSync(path, { readOnly: true });
    const row = database.prepare('SELECT * FROM auth_profile_store').get()!;
    const profiles = { 'anthropic:default': apiKey(''), 'openrouter:default': other };
    expect({ ...row }).toEqual({
      store_key: 'primary',
      store_json: JSON.stringify({ version: 2, profiles }),
      updated_at: 7,
    });
    expect({ ...database.prepare('SELECT * FROM sessions').get()! }).toEqual({ id: 's', text: 'hello' });
    database.close();
    expect((await imported(['openclaw'])).json).toMatchObject({ found: 1, brought: 0, leftOut: 1 });
    expect(await profileIds()).toEqual(['anthropic:default']);
  });

  it('reads claude-code-router’s database, one of a provider’s keys at a time', async () => {
    const path = routerDatabase({
      Providers: [
        { name: 'anthropic', api_base_url: `${simulator.url}/v1/messages`, api_key: key('one') },
        { name: 'anthropic', api_base_url: `${simulator.url}/v1/messages`, api_key: key('two') },
        {
          name: 'openrouter',
          api_base_url: 'https://openrouter.ai/api/v1/chat/completions',
          api_key: 'sk-or-v1-sim-1234',
        },
      ],
    });
    const { code, json } = await imported(['claude-code-router']);
    expect([code, json.brought, json.leftOut]).toEqual([0, 2, 1]);
    expect(json.items[2].hint).toBe(
      'Define it, then import again: moltbot backend add openrouter --base-url https://openrouter.ai/api/v1',
    );
    expect(json.filesWithKeys).toEqual([{ path, keys: 3, logins: 0 }]);
    expect(await profileIds()).toEqual(['anthropic:claude-code-router', 'anthropic:claude-code-router-2']);
  });

  it('finds the same keys again as already here, and a new one under a known id only with --replace', async () => {
    openclaw({ 'anthropic:default': apiKey(key('work')) });
    await run(['openclaw']);
    expect((await imported(['openclaw'])).json).toMatchObject({ brought: 0, present: 1 });
    openclaw({ 'anthropic:default': apiKey(key('newer')) });
    const refused = await imported(['openclaw']);
    expect(refused.json).toMatchObject({ brought: 0, leftOut: 1 });
    expect(refused.json.items[0].hint).toBe('Take its place with: --replace');
    const replaced = await imported(['openclaw', '--replace']);
    expect(replaced.json.items).toMatchObject([{ status: 'brought', profileId: 'anthropic:default', replaced: true }]);
  });

  it('reads a single file or the directory of a single agent with --from', async () => {
    const main = openclaw({ 'anthropic:default': apiKey(key('work')) });
    openclaw({ 'anthropic:default': apiKey(key('ops')) }, 'ops');
    const ops = dirname(dirname(main)).replace(/main$/, 'ops');
    expect((await imported(['openclaw', '--from', ops])).json).toMatchObject({ found: 1, brought: 1 });
    const both = await imported(['openclaw', '--from', main, '--replace']);
    expect(both.json.items).toMatchObject([{ status: 'brought', profileId: 'anthropic:default', replaced: true }]);
    const rest = await imported(['openclaw']);
    expect(rest.json.items).toMatchObject([
      { status: 'present' },
      { status: 'brought', profileId: 'anthropic:default-2' },
    ]);
  });

  it('brings to the agent that is named', async () => {
    openclaw({ 'anthropic:default': apiKey(key('work')) });
    expect((await imported(['openclaw', '--agent', 'reviewer'])).json).toMatchObject({
      agentId: 'reviewer',
      brought: 1,
    });
    expect(await profileIds()).toEqual([]);
  });

  it('keeps what a provider refuses or does not answer for out, and says so by its exit code', async () => {
    openclaw({ 'anthropic:default': apiKey(`sk-ant-sim-${'z'.repeat(40)}`) });
    const refused = await imported(['openclaw']);
    expect([refused.code, refused.json.items[0].reason]).toEqual([1, `was refused by Anthropic at ${simulator.url}`]);
    openclaw({ 'anthropic:default': apiKey(key('work')) });
    simulator.addRules({ fail: { kind: 'error', error: 'overloaded' } });
    const unanswered = await imported(['openclaw']);
    expect([unanswered.code, unanswered.json.items[0].hint]).toEqual([69, expect.stringContaining('--skip-test')]);
    expect(await profileIds()).toEqual([]);
    expect((await imported(['openclaw', '--skip-test'])).json.items).toMatchObject([{ status: 'brought', test: null }]);
  });
});

describe('the guard passphrase', () => {
  it('is needed before keys come in, and not to look', async () => {
    openclaw({ 'anthropic:default': apiKey(key('work')) });
    const database = Database.open(join(home.stateDir, 'state.sqlite'));
    new Guard(database).set(new Secret('open sesame'));
    database.close();
    const { code, json } = await imported(['openclaw']);
    expect([code, json.error.code, simulator.requests]).toEqual([77, 'GUARD_REFUSED', []]);
    expect((await imported(['openclaw', '--dry-run'])).json.planned).toBe(1);
  });
});

describe('an address that is not the provider’s own', () => {
  let elsewhere: Simulator;
  let config: string;

  beforeAll(async () => {
    elsewhere = await startSimulator();
  });
  afterAll(() => elsewhere.close());
  beforeEach(() => {
    elsewhere.forgetRequests();
    config = put(
      inHome('litellm.yaml'),
      `model_list:
  - model_name: far
    litellm_params: { model: anthropic/claude-opus-4-5, api_key: os.environ/FAR_KEY, api_base: "${elsewhere.url}" }
  - model_name: near
    litellm_params: { model: anthropic/claude-haiku-4-5, api_key: ${key('near')} }
`,
    );
  });
  const env = () => ({ FAR_KEY: elsewhere.issueKey('anthropic', 'far') });

  it('needs a flag where nobody can be asked, before anything is done', async () => {
    const { code, json } = await imported(['litellm', '--from', config], { env: env() });
    expect([code, json.error.code]).toEqual([64, 'USAGE']);
    expect(json.error.hint).toContain(`--allow-origin ${elsewhere.url}`);
    expect([simulator.requests, elsewhere.requests]).toEqual([[], []]);
    const other = await imported(['litellm', '--from', config, '--allow-origin', 'https://x.example.com'], {
      env: env(),
    });
    expect(other.code).toBe(64);
  });

  it.each([['--allow-origin'], ['--yes']])('is allowed by %s and becomes the profile’s base URL', async (flag) => {
    const flags = flag === '--yes' ? [flag] : [flag, elsewhere.url];
    const { code, json } = await imported(['litellm', '--from', config, ...flags], { env: env() });
    expect([code, json.brought]).toEqual([0, 2]);
    expect(json.items.map(({ profileId, origin }: Record<string, string>) => [profileId, origin])).toEqual([
      ['anthropic:litellm', elsewhere.url],
      ['anthropic:litellm-2', simulator.url],
    ]);
    expect(elsewhere.requests).toHaveLength(1);
    // The key of the environment is in no file of LiteLLM's.
    expect(json.filesWithKeys).toEqual([{ path: config, keys: 1, logins: 0 }]);
  });

  it.skipIf(!hasTmux())('is asked about at a terminal, and left out when it is refused', async () => {
    const terminal = openTerminal(home, ['import', 'litellm', '--from', config, '--scrub-source'], env());
    try {
      await terminal.shows(
        /Send anthropic:litellm \(sk-ant-sim-….{4}\) to http:\S+\? It is not the provider's own address/,
      );
      terminal.press('n', 'Enter');
      await terminal.shows(
        /To be changed: \S+litellm\.yaml[\s\S]*Take the keys that are in the vault now out of this file\?/,
      );
      terminal.press('y', 'Enter');
      expect(await terminal.exitCode()).toBe(0);
      expect(terminal.screen()).toMatch(/LiteLLM: 2 found, 1 brought, 1 left out/);
    } finally {
      terminal.close();
    }
    expect(elsewhere.requests).toEqual([]);
    expect(readFileSync(config, 'utf8')).toContain(
      'litellm_params: { model: anthropic/claude-haiku-4-5, api_key: "" }',
    );
  });
});

describe('taking brought keys out of their source', () => {
  it('leaves every other byte as it was, tightens the mode and keeps a link', async () => {
    const text = (first: string) =>
      `# my proxy\r\napi-keys: [ "own" ]\n\nclaude-api-key:\n   - api-key: ${first}   # work\n     models: []\n   - api-key: 'sk-wrong-form'\n`;
    const real = put(inHome('dotfiles', 'proxy.yaml'), text(`"${key('work')}"`));
    chmodSync(real, 0o644);
    const config = inHome('.cli-proxy-api', 'config.yaml');
    mkdirSync(dirname(config));
    symlinkSync(real, config);
    const { code, json } = await imported(['cliproxyapi', '--scrub-source', '--yes']);
    expect([code, json.brought, json.leftOut, json.scrubbedFiles]).toEqual([0, 1, 1, [config]]);
    expect(readFileSync(real, 'utf8')).toBe(text('""'));
    expect(statSync(real).mode & 0o777).toBe(0o600);
    expect(json.warnings[0]).toBe(`Other users of this machine can read ${config}: chmod 600 ${config}`);
    expect(json.filesWithKeys).toEqual([{ path: config, keys: 1, logins: 0 }]);
  });

  it('finds the copies that the tool has made, and the keys that are only in them stay', async () => {
    const file = openclaw({ 'anthropic:default': apiKey(key('work')) });
    const copy = put(`${file}.migrated-2026`, JSON.stringify({ old: [key('work'), key('older')] }));
    const { json } = await imported(['openclaw', '--scrub-source', '--yes']);
    expect(json.scrubbedFiles).toEqual([file, copy]);
    expect(readFileSync(copy, 'utf8')).toBe(JSON.stringify({ old: ['', key('older')] }));
    expect(json.filesWithKeys).toEqual([{ path: copy, keys: 1, logins: 0 }]);
  });

  it('removes nothing that was not brought', async () => {
    const file = openclaw({ 'anthropic:default': apiKey(`sk-ant-sim-${'z'.repeat(40)}`) });
    const before = readFileSync(file, 'utf8');
    const { json } = await imported(['openclaw', '--scrub-source', '--yes']);
    expect([json.scrubbedFiles, readFileSync(file, 'utf8')]).toEqual([[], before]);
  });

  it.skipIf(!hasTmux())('says that the keys are stored when its question is interrupted', async () => {
    const file = openclaw({ 'anthropic:default': apiKey(key('work')) });
    const terminal = openTerminal(home, ['import', 'openclaw', '--scrub-source']);
    try {
      await terminal.shows(/Take the keys that are in the vault now out of this file\?/);
      terminal.press('C-c');
      expect(await terminal.exitCode()).toBe(130);
      expect(terminal.screen()).toContain('Interrupted; the keys are in the vault, the files are as they were.');
    } finally {
      terminal.close();
    }
    expect(readFileSync(file, 'utf8')).toContain(key('work'));
    expect(await profileIds()).toEqual(['anthropic:default']);
  });

  it('needs --yes where nobody can be asked, before anything is stored', async () => {
    openclaw({ 'anthropic:default': apiKey(key('work')) });
    const { code, json } = await imported(['openclaw', '--scrub-source']);
    expect([code, json.error.code, simulator.requests]).toEqual([64, 'USAGE', []]);
  });
});

describe('files that cannot be read', () => {
  const failure = async (args: readonly string[]) => {
    const { code, json } = await imported(args);
    return [code, json.error?.code, json.error?.message];
  };

  it('names what is missing', async () => {
    expect(await failure(['openclaw'])).toEqual([1, 'NO_CREDENTIALS', 'No files of OpenClaw are at ~/.openclaw.']);
    expect(await failure(['litellm'])).toEqual([1, 'NO_CREDENTIALS', 'No files of LiteLLM are at $CONFIG_FILE_PATH.']);
    const gone = inHome('gone.yaml');
    expect(await failure(['litellm', '--from', gone])).toEqual([64, 'USAGE', `${gone} is not there.`]);
    expect((await run(['vault'])).code).toBe(64);
  });

  it('says when there is nothing in them', async () => {
    openclaw({});
    const { code, stdout } = await run(['openclaw']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^OpenClaw: 0 found, 0 brought, 0 left out\. Agent main on /),
    ]);
  });

  it('tells damaged, foreign and locked databases apart', async () => {
    const path = inHome('.claude-code-router', 'config.sqlite');
    const damaged = [69, 'DATABASE_CORRUPT', `${path} is damaged, or not a database of the form we know.`];
    put(path, `SQLite format 3\0${'x'.repeat(4000)}`);
    expect(await failure(['claude-code-router'])).toEqual(damaged);
    put(path, 'not at all');
    expect(await failure(['claude-code-router'])).toEqual(damaged);
    writeFileSync(path, '');
    expect((await imported(['claude-code-router'])).json).toMatchObject({ found: 0 });
    const holder = new DatabaseSync(path);
    holder.exec('CREATE TABLE app_config (x); BEGIN EXCLUSIVE');
    expect(await failure(['claude-code-router'])).toEqual([
      69,
      'DATABASE_BUSY',
      `${path} is locked by another program.`,
    ]);
    holder.exec('COMMIT');
    holder.close();
    expect(await failure(['claude-code-router'])).toEqual(damaged);
  });

  it('refuses what is no settings file, and goes on where another one can be read', async () => {
    const huge = put(inHome('huge.yaml'), `a: ${'x'.repeat(9 * 1024 * 1024)}\n`);
    expect(await failure(['litellm', '--from', huge])).toEqual([
      64,
      'USAGE',
      `${huge} is far larger than a file of settings.`,
    ]);
    const pipe = inHome('pipe.yaml');
    execFileSync('mkfifo', [pipe]);
    expect(await failure(['litellm', '--from', pipe])).toEqual([64, 'USAGE', `${pipe} is not a plain file.`]);
    const file = openclaw({ 'anthropic:default': apiKey(key('work')) });
    const broken = openclaw({}, 'broken');
    writeFileSync(broken, `{ "profiles": { "anthropic:x": "${key('secret')}`);
    const { code, json } = await imported(['openclaw']);
    expect([code, json.brought, json.filesWithKeys.map(({ path }: { path: string }) => path)]).toEqual([0, 1, [file]]);
    expect(json.warnings).toEqual([expect.stringMatching(/^Not read: \S+:1 is not JSON that can be read\./)]);
    expect(JSON.stringify(json)).not.toContain(key('secret'));
  });
});
