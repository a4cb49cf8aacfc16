import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.ts';
import type { ModelsStatus } from '../../src/status/models-status.ts';
import { findCanary } from '../fakes/canary.ts';
import { type CliOptions, outputUntil, runCli, startCli } from '../fakes/cli.ts';
import { home, simulateForEach, simulator } from '../fakes/simulated-home.ts';

simulateForEach();

const run = (args: readonly string[], options?: CliOptions) => runCli(home, args, options);
const DAY_MS = 86_400_000;

async function status(...flags: string[]): Promise<ModelsStatus> {
  return JSON.parse((await run(['models', 'status', '--json', ...flags])).stdout);
}

async function paste(name: string, profileId: string, kind: 'api_key' | 'token' = 'api_key', ...flags: string[]) {
  const input = simulator.issueKey('anthropic', name, kind);
  const command = kind === 'token' ? 'paste-token' : 'paste-api-key';
  const place = ['--provider', 'anthropic', '--profile-id', profileId, '--base-url', simulator.url, '--vault', 'file'];
  const result = await run(['models', 'auth', command, ...place, ...flags], { input });
  expect(result.code).toBe(0);
  return input;
}

function writeConfig(text: string) {
  mkdirSync(home.stateDir, { recursive: true, mode: 0o700 });
  writeFileSync(join(home.stateDir, 'moltbot.json'), text, { mode: 0o600 });
}

function changeState(sql: string, ...values: (string | number)[]) {
  const database = Database.open(join(home.stateDir, 'state.sqlite'));
  database.run(sql, ...values);
  database.close();
}

describe('moltbot models status --json', () => {
  it('says everything about a machine where nothing has been set up, and writes nothing', async () => {
    expect(await status()).toEqual({
      schemaVersion: 1,
      configPath: join(home.stateDir, 'moltbot.json'),
      stateDir: home.stateDir,
      agentId: 'main',
      gateway: { running: false, host: hostname(), user: userInfo().username },
      defaultModel: null,
      resolvedDefault: null,
      fallbacks: [],
      aliases: {},
      allowed: [],
      auth: {
        vault: { kind: null, available: false },
        missingProvidersInUse: [],
        providers: [],
        profiles: [],
        unusableProfiles: [],
        cachePolicy: [],
      },
      pause: null,
      gates: [
        { name: 'gateway', open: false, why: 'No gateway runs. Start it with: moltbot gateway start' },
        { name: 'agent', open: true, why: 'Agent "main" is active.' },
      ],
      budgets: [],
    });
    expect(existsSync(home.stateDir)).toBe(false);
  });

  it('names the default model, its fallbacks, aliases and the cache policy of each', async () => {
    writeConfig(`{ vault: { kind: "file" }, agents: { defaults: {
      model: { primary: "opus", fallbacks: ["xai/grok-4-fast"] },
      models: { "anthropic/claude-opus-4-5": { alias: "opus", params: { cacheControlTtl: "1h" } } } } } }`);
    await paste('work', 'anthropic:work');
    const { defaultModel, resolvedDefault, fallbacks, aliases, auth } = await status();
    expect({ defaultModel, resolvedDefault, fallbacks, aliases }).toEqual({
      defaultModel: 'opus',
      resolvedDefault: 'anthropic/claude-opus-4-5',
      fallbacks: ['xai/grok-4-fast'],
      aliases: { opus: 'anthropic/claude-opus-4-5' },
    });
    expect(auth.missingProvidersInUse).toEqual(['xai']);
    expect(auth.cachePolicy).toEqual([
      {
        model: 'anthropic/claude-opus-4-5',
        cacheControlTtl: '1h',
        applies: true,
        why: 'Cache marks without a time get "1h".',
      },
      {
        model: 'xai/grok-4-fast',
        cacheControlTtl: null,
        applies: false,
        why: 'No cacheControlTtl is set for this model.',
      },
    ]);
    expect(auth.providers).toEqual([
      {
        provider: 'anthropic',
        effective: { kind: 'profiles', profileId: 'anthropic:work', detail: 'anthropic:work' },
        profiles: { count: 1, token: 0, apiKey: 1, labels: [`anthropic:work ${auth.profiles[0]!.label}`] },
      },
      {
        provider: 'xai',
        effective: { kind: 'missing', detail: 'no credential for xai of agent "main"' },
        profiles: { count: 0, token: 0, apiKey: 0, labels: [] },
      },
    ]);
  });

  it('applies no cache setting where a subscription token serves', async () => {
    writeConfig(`{ vault: { kind: "file" }, agents: { defaults: { models: {
      "anthropic/claude-opus-4-5": { params: { cacheControlTtl: "5m" } } } } } }`);
    await paste('mine', 'anthropic:manual', 'token');
    expect((await status()).auth.cachePolicy).toEqual([
      {
        model: 'anthropic/claude-opus-4-5',
        cacheControlTtl: '5m',
        applies: false,
        why: 'anthropic:manual is a subscription token, which gets none.',
      },
    ]);
  });

  it('lists a profile that is unusable with reason, since, until, status and request id, and names the next one', async () => {
    await paste('second', 'anthropic:b');
    const resets = [{ style: 'retry-after' as const, seconds: 120 }];
    simulator.setScript({ rules: [{ credential: 'first', fail: { kind: 'error', error: 'billing', resets } }] });
    await paste('first', 'anthropic:a');
    const { auth } = await status();
    expect(auth.unusableProfiles).toEqual([
      {
        profileId: 'anthropic:a',
        provider: 'anthropic',
        kind: 'disabled',
        reason: 'billing',
        since: expect.any(Number),
        until: expect.any(Number),
        remainingMs: expect.any(Number),
        httpStatus: 402,
        errorType: 'billing_error',
        requestId: simulator.requests.at(-1)!.requestId,
        nextStep: 'Add credit or raise the limit at the provider, then: moltbot models auth test anthropic:a',
      },
    ]);
    expect(auth.unusableProfiles[0]!.until! - auth.unusableProfiles[0]!.since).toBe(120_000);
    expect(auth.providers[0]!.effective.profileId).toBe('anthropic:b');
    expect(auth.profiles.map(({ profileId, order }) => [profileId, order])).toEqual([
      ['anthropic:b', 1],
      ['anthropic:a', 2],
    ]);
  });

  it('lists profiles in the order of auth.order and leaves out what it leaves out', async () => {
    writeConfig('{ vault: { kind: "file" }, auth: { order: { anthropic: ["anthropic:b"] } } }');
    await paste('a', 'anthropic:a');
    await paste('b', 'anthropic:b');
    expect((await status()).auth.profiles.map(({ profileId, order }) => [profileId, order])).toEqual([
      ['anthropic:b', 1],
      ['anthropic:a', null],
    ]);
  });

  it('shows a key in the shell as such while no gateway runs, by the name of its variable', async () => {
    const env = { XAI_API_KEY: `xai-sim-${'z'.repeat(40)}` };
    const result = await run(['models', 'status', '--json'], { env });
    const { auth } = JSON.parse(result.stdout) as ModelsStatus;
    expect(auth.providers[0]!.effective).toEqual({
      kind: 'env',
      profileId: 'xai:env',
      detail: "XAI_API_KEY in the shell's environment",
    });
    expect(auth.profiles).toEqual([
      {
        profileId: 'xai:env',
        provider: 'xai',
        type: 'api_key',
        label: 'XAI_API_KEY',
        source: 'env',
        seenBy: 'cli',
        createdAt: null,
        status: 'static',
        rotateDue: false,
        order: 1,
        limits: [],
      },
    ]);
    expect(findCanary(env.XAI_API_KEY, { texts: { out: result.stdout } })).toEqual([]);
  });

  it('shows what the provider last said of its limits, until the credential is replaced', async () => {
    await paste('work', 'anthropic:work', 'token');
    const resetsAtMs = Date.now() + 40 * 60_000;
    changeState(
      `INSERT INTO limits (agent_id, profile_id, name, used, resets_at_ms, seen_at_ms)
       VALUES ('main', 'anthropic:work', '5h', 0.73, ?, ?)`,
      resetsAtMs,
      Date.now(),
    );
    const shown = `5 h: 73 %, resets ${new Date(resetsAtMs).toISOString().slice(11, 16)} UTC`;
    const { stdout } = await run(['models', 'status']);
    expect(stdout).toContain(`\n\nLimits\nanthropic:work  ${shown}\n`);
    const limits = [{ name: '5h', used: 0.73, resetsAtMs, seenAtMs: expect.any(Number) }];
    expect((await status()).auth.profiles).toMatchObject([{ profileId: 'anthropic:work', limits }]);
    const why = await run(['models', 'auth', 'why', 'anthropic:work']);
    expect(why.stdout).toContain(`Limits, as last heard: ${shown}.`);
    expect(JSON.parse((await run(['models', 'auth', 'why', 'anthropic:work', '--json'])).stdout)).toMatchObject({
      limits,
    });
    changeState('UPDATE profiles SET replaced_at_ms = ?', Date.now() + 60_000);
    expect((await status()).auth.profiles).toMatchObject([{ profileId: 'anthropic:work', limits: [] }]);
  });

  it('shows a key that is written in the config as coming from there', async () => {
    writeConfig(`{ env: { XAI_API_KEY: "xai-sim-${'z'.repeat(40)}" } }`);
    const { auth } = await status();
    expect(auth.profiles.map(({ profileId, source }) => [profileId, source])).toEqual([['xai:env', 'config']]);
    expect((await status('--agent', 'reviewer')).auth.profiles).toEqual([]);
  });

  it('works while the vault is locked or gone', async () => {
    await paste('work', 'anthropic:work');
    renameSync(join(home.directory, 'vault.key'), join(home.directory, 'gone'));
    const { auth } = await status();
    expect([auth.vault, auth.profiles.length]).toEqual([{ kind: 'file', available: false }, 1]);
  });

  it('changes no content and calls nobody', async () => {
    await paste('work', 'anthropic:work');
    const contents = () =>
      readdirSync(home.stateDir)
        .filter((name) => !/-(shm|wal)$/.test(name) && statSync(join(home.stateDir, name)).isFile())
        .map((name) => [name, readFileSync(join(home.stateDir, name), 'base64')]);
    const before = contents();
    simulator.forgetRequests();
    await status();
    expect(contents()).toEqual(before);
    expect(simulator.requests).toEqual([]);
  });

  it('shows terminal escapes in names escaped', async () => {
    await paste('work', 'anthropic:work');
    changeState('UPDATE profiles SET label = ?', 'a\u001b[31mred\u202e');
    const { stdout } = await run(['models', 'status']);
    expect(stdout).toContain('a\\u{1b}[31mred\\u{202e}');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('moltbot models status beside a running gateway', () => {
  it('names the gateway, and counts the keys in its environment and not those of the shell', async () => {
    await paste('work', 'anthropic:work');
    const gateway = startCli(home, ['gateway', 'run', '--port', '0', '--json'], {
      env: { OPENAI_API_KEY: `sk-sim-${'g'.repeat(40)}` },
    });
    const ended = new Promise((resolve) => gateway.once('exit', resolve));
    const { url, pid } = JSON.parse(await outputUntil(gateway, /\}\s*$/));
    const result = await run(['models', 'status', '--json'], { env: { XAI_API_KEY: `xai-sim-${'s'.repeat(40)}` } });
    const found = JSON.parse(result.stdout) as ModelsStatus;
    gateway.kill('SIGTERM');
    await ended;
    expect(found.gateway).toEqual({ running: true, pid, url, host: hostname(), user: userInfo().username });
    expect(found.auth.profiles.map(({ profileId, seenBy }) => [profileId, seenBy])).toEqual([
      ['anthropic:work', undefined],
      ['openai:env', 'gateway'],
    ]);
    expect(found.auth.providers.at(-1)!.effective.detail).toBe("OPENAI_API_KEY in the gateway's environment");
    expect(found.gates[0]).toEqual({ name: 'gateway', open: true, why: `It listens at ${url}.` });
  });
});

describe('moltbot models status --check', () => {
  const check = async (...flags: string[]) => (await run(['models', 'status', '--check', '--json', ...flags])).code;

  it('is 1 without a credential', async () => {
    expect(await check()).toBe(1);
  });

  it('is 0 with a healthy one, also beside an expired one', async () => {
    await paste('work', 'anthropic:work');
    await paste('mine', 'anthropic:manual', 'token');
    changeState("UPDATE profiles SET expires_at_ms = ? WHERE type = 'token'", Date.now() - DAY_MS);
    expect(await check()).toBe(0);
    const [expired] = (await status()).auth.profiles.filter(({ type }) => type === 'token');
    expect(expired).toMatchObject({ status: 'expired', remainingMs: 0, order: null });
  });

  it('is 1 when every credential has expired', async () => {
    await paste('mine', 'anthropic:manual', 'token');
    changeState('UPDATE profiles SET expires_at_ms = ?', Date.now() - 1);
    expect(await check()).toBe(1);
  });

  it('is 2 when one expires within 24 hours, and 0 for 25', async () => {
    await paste('mine', 'anthropic:manual', 'token', '--expires-in', '23h');
    expect(await check()).toBe(2);
    changeState('UPDATE profiles SET expires_at_ms = ?', Date.now() + 25 * 3_600_000);
    expect(await check()).toBe(0);
  });

  it('is 3 when none is usable now', async () => {
    simulator.setScript({ rules: [{ fail: { kind: 'error', error: 'billing' } }] });
    await paste('work', 'anthropic:work');
    expect(await check()).toBe(3);
  });

  it('looks at the providers of the default model and its fallbacks, the worst first', async () => {
    writeConfig(`{ vault: { kind: "file" }, agents: { defaults: { model: {
      primary: "anthropic/claude-opus-4-5", fallbacks: ["openai/gpt-5.4"] } } } }`);
    simulator.setScript({ rules: [{ fail: { kind: 'error', error: 'billing' } }] });
    await paste('work', 'anthropic:work');
    expect(await check()).toBe(1);
  });
});

describe('moltbot models status --probe', () => {
  it('asks each provider once per profile, says so on stderr and changes no state', async () => {
    await paste('good', 'anthropic:good');
    await paste('bad', 'anthropic:bad');
    simulator.setScript({ rules: [{ credential: 'bad', fail: { kind: 'error', error: 'billing' } }] });
    simulator.forgetRequests();
    const result = await run(['models', 'status', '--probe', '--json']);
    const { probe, auth } = JSON.parse(result.stdout) as ModelsStatus;
    expect(simulator.requests.map(({ credentials }) => credentials[0]!.name).sort()).toEqual(['bad', 'good']);
    expect(probe!.results.map(({ profileId, status, model }) => [profileId, status, model]).sort()).toEqual([
      ['anthropic:bad', 'billing', 'claude-haiku-4-5-20251001'],
      ['anthropic:good', 'ok', 'claude-haiku-4-5-20251001'],
    ]);
    expect(auth.unusableProfiles).toEqual([]);
    expect(result.stderr).toContain('Asking Anthropic about anthropic:bad …');
  });

  it('writes down what it found with --apply', async () => {
    await paste('work', 'anthropic:work');
    simulator.setScript({ rules: [{ fail: { kind: 'error', error: 'billing' } }] });
    const found = await status('--probe', '--apply');
    expect(found.auth.unusableProfiles).toMatchObject([{ profileId: 'anthropic:work', reason: 'billing' }]);
    simulator.setScript({});
    expect((await status('--probe', '--apply')).auth.unusableProfiles).toEqual([]);
  });

  it('counts for --check: refused is 1, limited is 3', async () => {
    await paste('work', 'anthropic:work');
    const codes = [];
    for (const error of ['authentication', 'rate_limit'] as const) {
      simulator.setScript({ rules: [{ fail: { kind: 'error', error } }] });
      codes.push((await run(['models', 'status', '--check', '--probe'])).code);
    }
    expect(codes).toEqual([1, 3]);
  });

  it('keeps to --probe-timeout', async () => {
    await paste('work', 'anthropic:work');
    simulator.setScript({ rules: [{ fail: { kind: 'silence' } }] });
    const startedAtMs = Date.now();
    const { probe } = await status('--probe', '--probe-timeout', '1s');
    expect(probe!.results).toMatchObject([{ status: 'unreachable', detail: 'no answer within 1 s' }]);
    expect(Date.now() - startedAtMs).toBeLessThan(5_000);
  });
});

describe('a state that cannot be read', () => {
  it.each([
    ['a damaged database', 'state.sqlite', 'not a database'.repeat(100), 69, 'DATABASE_CORRUPT'],
    ['a config with a mistake', 'moltbot.json', '{ agents: ', 78, 'CONFIG_INVALID'],
  ])('is a clear error with its own exit code: %s', async (_, name, content, exit, code) => {
    mkdirSync(home.stateDir, { mode: 0o700 });
    writeFileSync(join(home.stateDir, name), content, { mode: 0o600 });
    const result = await run(['models', 'status', '--json']);
    expect({ exit: result.code, code: JSON.parse(result.stdout).error.code }).toEqual({ exit, code });
    expect(readFileSync(join(home.stateDir, name), 'utf8')).toBe(content);
  });

  it('is refused while others can read the config', async () => {
    writeConfig('{}');
    chmodSync(join(home.stateDir, 'moltbot.json'), 0o644);
    const result = await run(['models', 'status', '--json']);
    expect([result.code, JSON.parse(result.stdout).error.code]).toEqual([77, 'NOT_PERMITTED']);
  });
});

describe('moltbot models status for people', () => {
  it('says that an agent does not exist, and names it in every line to type', async () => {
    writeConfig("{ agents: { defaults: { model: { primary: 'anthropic/claude-opus-4-5' } } } }");
    const { stdout } = await run(['models', 'status', '--agent', 'nosuch']);
    expect(stdout).toContain(
      'Agent     nosuch. There is no agent "nosuch" yet. Add it with: moltbot agents add nosuch\n',
    );
    expect(stdout).toContain('anthropic: add one with: moltbot models auth add --provider anthropic --agent nosuch\n');
    expect(stdout).toContain('No credentials yet. Add one with: moltbot onboard --agent nosuch\n');
  });

  it('lists profiles in the words of models auth list, and says once which keys are a simulator’s', async () => {
    await paste('first', 'anthropic:a');
    await paste('second', 'anthropic:b');
    const status = (await run(['models', 'status'])).stdout;
    const list = (await run(['models', 'auth', 'list'])).stdout;
    expect(list).toContain('API key');
    expect(status).toContain(list.trimEnd());
    expect(status.split('\n').filter((line) => line.includes('imulator'))).toEqual([
      'Not real: a simulator issued the keys of anthropic:a, anthropic:b, and it makes up the answers.',
    ]);
  });

  it('refuses a home that can never be a directory', async () => {
    const { code, stdout, stderr } = await run(['models', 'status'], { env: { MOLTBOT_HOME: '/dev/null/x' } });
    expect([code, stdout, stderr.split('\n')[0]]).toEqual([
      77,
      '',
      '/dev/null/x cannot be a directory: a file is in its way.',
    ]);
  });
});
