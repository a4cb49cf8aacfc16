import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCanary } from '../fakes/canary.ts';
import { type CliOptions, type CliResult, runCli } from '../fakes/cli.ts';
import { home, simulateForEach, simulator } from '../fakes/simulated-home.ts';

simulateForEach();

const run = (args: readonly string[], options?: CliOptions) => runCli(home, args, options);
const configFile = () => join(home.stateDir, 'moltbot.json');
const key = () => simulator.issueKey('anthropic', 'work');
const token = () => simulator.issueKey('anthropic', 'mine', 'token');
const toFile = () => ['--base-url', simulator.url, '--vault', 'file'];

async function status() {
  return JSON.parse((await run(['models', 'status', '--json'])).stdout);
}

function errorOf(result: CliResult) {
  return { code: result.code, error: JSON.parse(result.stdout).error };
}

function nothingStored() {
  expect(existsSync(join(home.stateDir, 'vault.age'))).toBe(false);
  expect(existsSync(configFile())).toBe(false);
}

describe('moltbot onboard with flags', () => {
  it('tests the key with one 10-token call, stores it and prints one object', async () => {
    const result = await run(['onboard', '--anthropic-api-key', key(), ...toFile(), '--json']);
    const printed = JSON.parse(result.stdout);
    expect(result.code).toBe(0);
    expect(printed).toEqual({
      profileId: 'anthropic:default',
      agentId: 'main',
      provider: 'anthropic',
      replaced: false,
      test: {
        success: true,
        verdict: 'valid',
        statusCode: 200,
        validatedBy: 'api_call',
        costClass: 'minimal',
        latencyMs: expect.any(Number),
      },
    });
    expect(simulator.requests).toHaveLength(1);
    const [request] = simulator.requests;
    expect([request!.method, request!.path]).toEqual(['POST', '/v1/messages']);
    expect(JSON.parse(request!.body.toString())).toMatchObject({ model: 'claude-haiku-4-5-20251001', max_tokens: 10 });
    expect(request!.rawHeaders[request!.rawHeaders.indexOf('anthropic-version') + 1]).toBe('2023-06-01');
    expect((await status()).auth.profiles).toEqual([
      {
        profileId: 'anthropic:default',
        provider: 'anthropic',
        type: 'api_key',
        label: `sk-ant-sim-…${key().slice(-4)}`,
        source: 'own',
        baseUrl: simulator.url,
        createdAt: expect.any(Number),
        status: 'static',
        rotateDue: false,
        order: 1,
        limits: [],
      },
    ]);
  });

  it('leaves the key nowhere but in the vault', async () => {
    const { stdout, stderr } = await run(['onboard', '--anthropic-api-key', key(), ...toFile(), '--json']);
    expect(findCanary(key(), { directories: [home.directory], texts: { stdout, stderr } })).toEqual([]);
  });

  it('refuses a key that the provider answers with 401, and leaves an earlier profile as it was', async () => {
    await run(['onboard', '--anthropic-api-key', key(), ...toFile()]);
    const before = await status();
    const unknown = `sk-ant-sim-${'x'.repeat(40)}`;
    const result = await run(['onboard', '--anthropic-api-key', unknown, ...toFile(), '--json']);
    expect(errorOf(result)).toEqual({
      code: 1,
      error: {
        code: 'CREDENTIAL_REFUSED',
        message: `Anthropic refused this key: ${simulator.url} answered 401 authentication_error. Nothing was stored.`,
        hint: expect.any(String),
      },
    });
    expect((await status()).auth).toEqual(before.auth);
    expect((await run(['models', 'auth', 'test', 'anthropic:default'])).code).toBe(0);
    expect(
      findCanary(unknown, { directories: [home.directory], texts: { out: result.stdout, err: result.stderr } }),
    ).toEqual([]);
  });

  it('stores nothing at all when the first key is refused', async () => {
    const result = await run(['onboard', '--anthropic-api-key', `sk-ant-sim-${'x'.repeat(40)}`, ...toFile()]);
    expect(result.code).toBe(1);
    nothingStored();
  });

  it.each([
    ['an unknown choice', ['--auth-choice', 'nonsense'], 'USAGE', 'There is no auth choice "nonsense".'],
    [
      'two keys for one provider',
      ['--anthropic-api-key', 'sk-ant-sim-a', '--anthropic-api-key-file', '/dev/null'],
      'USAGE',
      'Two credentials for anthropic were given: --anthropic-api-key and --anthropic-api-key-file.',
    ],
    [
      'a key and a token for one provider',
      ['--anthropic-api-key', 'sk-ant-sim-a', '--token', 'sk-ant-oat01-a'],
      'USAGE',
      'Two credentials for anthropic were given: --anthropic-api-key and --token.',
    ],
    [
      'two credentials from stdin',
      ['--anthropic-api-key', '-', '--xai-api-key-stdin'],
      'USAGE',
      '--anthropic-api-key and --xai-api-key-stdin both want to read stdin.',
    ],
    [
      'a choice that does not match the flags',
      ['--auth-choice', 'setup-token', '--anthropic-api-key', 'sk-ant-sim-a'],
      'USAGE',
      '--auth-choice setup-token does not match --anthropic-api-key.',
    ],
    [
      'one base URL for two providers',
      ['--anthropic-api-key', 'a', '--xai-api-key', 'b', '--base-url', 'http://127.0.0.1:1'],
      'USAGE',
      '--base-url belongs to one provider, and 2 are given.',
    ],
    [
      'an expiry without a token',
      ['--anthropic-api-key', 'sk-ant-sim-a', '--token-expires-in', '3d'],
      'USAGE',
      '--token-expires-in is about a token, and none is given.',
    ],
    [
      'a base URL that is none',
      ['--anthropic-api-key', 'sk-ant-sim-a', '--base-url', 'ftp://host'],
      'USAGE',
      'The base URL is not a URL that starts with https:// or http://.',
    ],
    ['nothing to do', [], 'USAGE', 'No credential was given, and there is no terminal to ask on.'],
  ])('answers 64 with its own sentence: %s', async (_, flags, code, message) => {
    const result = await run(['onboard', '--json', ...flags]);
    expect(errorOf(result)).toEqual({ code: 64, error: { code, message, hint: expect.any(String) } });
    expect(simulator.requests).toEqual([]);
    nothingStored();
  });

  it('names a setup-token that is given as an API key, before any call', async () => {
    const result = await run(['onboard', '--anthropic-api-key', token(), ...toFile(), '--json']);
    expect(errorOf(result)).toEqual({
      code: 64,
      error: {
        code: 'WRONG_CREDENTIAL_KIND',
        message: 'This is not a credential of the kind "Anthropic API key". It looks like a setup-token.',
        hint: 'Paste it as one: moltbot models auth paste-token --provider anthropic',
      },
    });
    expect(simulator.requests).toEqual([]);
    nothingStored();
  });

  it('names an admin key, a key of another provider and a damaged one', async () => {
    const messages = [];
    for (const wrong of [
      `sk-ant-admin01-${'a'.repeat(40)}`,
      `xai-sim-${'a'.repeat(40)}`,
      'sk-ant-sim-has spaces inside it',
    ]) {
      const result = await run(['onboard', '--anthropic-api-key', wrong, ...toFile(), '--json']);
      expect(result.code).toBe(64);
      messages.push(JSON.parse(result.stdout).error.message.replace(/^.*?\. /, ''));
    }
    expect(messages).toEqual([
      'It looks like an Anthropic admin key, which cannot call models.',
      'It looks like an xAI API key.',
      'It does not have the form sk-ant-api03-….',
    ]);
  });

  it('takes the key from stdin by "-", by -stdin and by -file', async () => {
    const file = join(home.directory, 'key.txt');
    writeFileSync(file, `export ANTHROPIC_API_KEY="${key()}"\n`);
    const ways = [['--anthropic-api-key', '-'], ['--anthropic-api-key-stdin'], ['--anthropic-api-key-file', file]];
    for (const way of ways) {
      const result = await run(['onboard', ...way, ...toFile(), '--json'], { input: `${key()}\n` });
      expect([result.code, result.stderr.includes('"ps"')]).toEqual([0, false]);
    }
    expect((await status()).auth.profiles).toHaveLength(1);
  });

  it('says once that a key given as a flag is visible in ps', async () => {
    const { stderr } = await run(['onboard', '--anthropic-api-key', key(), ...toFile(), '--json']);
    expect(stderr.match(/visible to other programs in "ps"/g)).toHaveLength(1);
  });

  it('sets up several providers in one run and prints a list', async () => {
    mkdirSync(home.stateDir, { mode: 0o700 });
    const providers = {
      anthropic: { baseUrl: simulator.baseUrls.anthropic },
      xai: { baseUrl: simulator.baseUrls.xai },
      openai: { baseUrl: simulator.baseUrls.openai },
    };
    writeFileSync(configFile(), JSON.stringify({ models: { providers } }), { mode: 0o600 });
    const xai = simulator.issueKey('xai', 'work');
    const openai = simulator.issueKey('openai', 'work');
    const keys = ['--anthropic-api-key', key(), '--xai-api-key', xai, '--openai-api-key', openai];
    const result = await run(['onboard', ...keys, '--vault', 'file', '--json']);
    expect(result.code).toBe(0);
    const list = JSON.parse(result.stdout);
    expect(list.schemaVersion).toBe(1);
    expect(list.items.map((item: { profileId: string }) => item.profileId)).toEqual([
      'anthropic:default',
      'xai:default',
      'openai:default',
    ]);
    const bodies = simulator.requests.map(({ path, body }) => [path, JSON.parse(body.toString())]);
    expect(bodies.slice(1)).toEqual([
      ['/xai/v1/chat/completions', expect.objectContaining({ model: 'grok-4-fast', max_tokens: 10 })],
      ['/openai/v1/chat/completions', expect.objectContaining({ max_completion_tokens: 10 })],
    ]);
  });

  it('stores none of several when one is refused', async () => {
    mkdirSync(home.stateDir, { mode: 0o700 });
    const providers = { anthropic: { baseUrl: simulator.url }, xai: { baseUrl: simulator.baseUrls.xai } };
    writeFileSync(configFile(), JSON.stringify({ models: { providers } }), { mode: 0o600 });
    const keys = ['--anthropic-api-key', key(), '--xai-api-key', `xai-sim-${'y'.repeat(40)}`];
    const result = await run(['onboard', ...keys, '--vault', 'file', '--json']);
    expect(errorOf(result)).toMatchObject({ code: 1, error: { code: 'CREDENTIAL_REFUSED' } });
    expect((await status()).auth.profiles).toEqual([]);
  });

  it('stores a setup-token with the headers it needs and the year it is assumed to live', async () => {
    const result = await run(['onboard', '--token', token(), ...toFile(), '--json']);
    expect([result.code, JSON.parse(result.stdout).profileId]).toEqual([0, 'anthropic:manual']);
    const { rawHeaders, credentials } = simulator.requests[0]!;
    expect(rawHeaders[rawHeaders.indexOf('anthropic-beta') + 1]).toBe('oauth-2025-04-20');
    expect(credentials).toMatchObject([{ header: 'authorization', scheme: 'bearer', kind: 'token' }]);
    const [profile] = (await status()).auth.profiles;
    expect(profile).toMatchObject({ type: 'token', status: 'ok', expiryAssumed: true });
    expect(profile.remainingMs).toBeGreaterThan(364 * 86_400_000);
    expect(result.stderr).toMatch(/A subscription token is meant for its owner's own Claude Code traffic/);
  });

  it('stores a key without credit, with that state set, and exits 0', async () => {
    simulator.addRules({ credential: 'work', fail: { kind: 'error', error: 'credit_too_low' } });
    const result = await run(['onboard', '--anthropic-api-key', key(), ...toFile(), '--json']);
    expect([result.code, JSON.parse(result.stdout).test.verdict]).toEqual([0, 'valid_unusable']);
    expect((await status()).auth.unusableProfiles).toMatchObject([
      { profileId: 'anthropic:default', kind: 'disabled', reason: 'billing', httpStatus: 400 },
    ]);
  });

  it('stores a rate limited key, cooling down for as long as the provider says', async () => {
    const resets = [{ style: 'retry-after' as const, seconds: 120 }];
    simulator.addRules({ credential: 'work', fail: { kind: 'error', error: 'rate_limit', resets } });
    const result = await run(['onboard', '--anthropic-api-key', key(), ...toFile(), '--json']);
    expect([result.code, JSON.parse(result.stdout).test.verdict]).toEqual([0, 'valid_unusable']);
    const [state] = (await status()).auth.unusableProfiles;
    expect(state).toMatchObject({ kind: 'cooldown', reason: 'rate_limit', model: 'claude-haiku-4-5', httpStatus: 429 });
    expect(state.until - state.since).toBe(120_000);
  });

  it('asks the free model list when the test model is retired', async () => {
    simulator.addRules({ route: 'messages', fail: { kind: 'error', error: 'model_not_found' } });
    const result = await run(['onboard', '--anthropic-api-key', key(), ...toFile(), '--json']);
    expect([result.code, JSON.parse(result.stdout).test]).toMatchObject([
      0,
      { verdict: 'valid_unusable', statusCode: 404 },
    ]);
    expect(simulator.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /v1/messages',
      'GET /v1/models',
    ]);
  });

  it.each([
    ['a server error', { kind: 'error', error: 'server_error' }],
    ['an overloaded provider', { kind: 'error', error: 'overloaded' }],
    ['a connection that breaks', { kind: 'reset' }],
    ['a redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/v1/messages' }],
  ] as const)('refuses with 69 and --skip-test as the hint: %s', async (_, fail) => {
    simulator.addRules({ fail });
    const result = await run(['onboard', '--anthropic-api-key', key(), ...toFile(), '--json']);
    expect(errorOf(result)).toMatchObject({
      code: 69,
      error: { code: 'PROVIDER_UNREACHABLE', hint: expect.stringContaining('--skip-test') },
    });
    expect(simulator.requests).toHaveLength(1);
    nothingStored();
  });

  it('shows nothing of the key when the provider sends it back in an error', async () => {
    for (const encoding of ['plain', 'base64', 'url'] as const) {
      simulator.setScript({ rules: [{ fail: { kind: 'echo', where: 'error', encoding } }] });
      const { stdout, stderr } = await run(['onboard', '--anthropic-api-key', key(), ...toFile(), '--json']);
      expect(findCanary(key(), { directories: [home.directory], texts: { stdout, stderr } })).toEqual([]);
    }
  });

  it('stores an untested key with --skip-test and calls nobody', async () => {
    const result = await run(['onboard', '--anthropic-api-key', key(), ...toFile(), '--skip-test', '--json']);
    expect([result.code, JSON.parse(result.stdout).test]).toEqual([0, null]);
    expect(simulator.requests).toEqual([]);
  });

  it('chooses only the vault with --auth-choice skip', async () => {
    const result = await run(['onboard', '--auth-choice', 'skip', '--vault', 'file', '--json']);
    expect([result.code, JSON.parse(result.stdout)]).toEqual([0, { agentId: 'main', vault: 'file', skipped: true }]);
    expect((await status()).auth.vault.kind).toBe('file');
  });

  it('picks a vault that works, says so and writes it into the config', async () => {
    const base = ['--base-url', simulator.url];
    const result = await run(['onboard', '--anthropic-api-key', key(), ...base, '--json']);
    expect(result.code).toBe(0);
    expect(result.stderr).toMatch(/Credentials go into an encrypted file\..*The config now says so\./s);
    expect(readFileSync(configFile(), 'utf8')).toMatch(/kind: ["']file["']/);
  });

  it('keeps the comments of a config that is already there', async () => {
    mkdirSync(home.stateDir, { mode: 0o700 });
    const text = '{\n  // mine\n  log: { level: "info" }, // quiet\n}\n';
    writeFileSync(configFile(), text, { mode: 0o600 });
    const result = await run([
      'onboard',
      '--anthropic-api-key',
      key(),
      ...toFile(),
      '--model',
      'anthropic/claude-opus-4.5',
    ]);
    const after = readFileSync(configFile(), 'utf8');
    expect(result.code).toBe(0);
    for (const line of ['  // mine', '  log: { level: "info" }, // quiet']) expect(after).toContain(line);
    expect((await status()).resolvedDefault).toBe('anthropic/claude-opus-4-5');
  });

  it('belongs to the agent that is named', async () => {
    await run(['onboard', '--anthropic-api-key', key(), ...toFile(), '--agent', 'reviewer']);
    expect((await status()).auth.profiles).toEqual([]);
    const reviewer = JSON.parse((await run(['models', 'status', '--json', '--agent', 'reviewer'])).stdout);
    expect(reviewer.auth.profiles).toHaveLength(1);
  });

  it('ends with the command to type next', async () => {
    const { stdout } = await run(['onboard', '--anthropic-api-key', key(), ...toFile()]);
    expect(stdout.trim().split('\n').at(-1)).toMatch(/^Next: \S+ run -- claude/);
  });
});
