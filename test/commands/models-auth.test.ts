import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { HealthStore } from '../../src/profiles/health-store.ts';
import { findCanary } from '../fakes/canary.ts';
import { type CliOptions, runCli } from '../fakes/cli.ts';
import { home, simulateForEach, simulator } from '../fakes/simulated-home.ts';

simulateForEach();

const run = (args: readonly string[], options?: CliOptions) => runCli(home, args, options);
const auth = (args: readonly string[], options?: CliOptions) => run(['models', 'auth', ...args, '--json'], options);
const token = () => simulator.issueKey('anthropic', 'mine', 'token');
const toFile = () => ['--base-url', simulator.url, '--vault', 'file'];

async function paste(name = 'work', ...flags: string[]) {
  const key = simulator.issueKey('anthropic', name);
  const result = await auth(['paste-api-key', '--provider', 'anthropic', ...toFile(), ...flags], { input: key });
  expect(result.code).toBe(0);
  return key;
}

const printed = (result: { stdout: string }) => JSON.parse(result.stdout);
const ids = async () => printed(await auth(['list'])).items.map(({ profileId }: { profileId: string }) => profileId);

describe('moltbot models auth paste-token', () => {
  it('stores a token from stdin and echoes nothing of it', async () => {
    const { stdout, stderr, code } = await run(
      ['models', 'auth', 'paste-token', '--provider', 'anthropic', ...toFile()],
      { input: token() },
    );
    expect(code).toBe(0);
    expect(await ids()).toEqual(['anthropic:manual']);
    expect(findCanary(token(), { directories: [home.directory], texts: { stdout, stderr } })).toEqual([]);
  });

  it('takes a token that was wrapped over two lines', async () => {
    const wrapped = `${token().slice(0, 60)}\n  ${token().slice(60)}\n`;
    expect((await auth(['paste-token', ...toFile()], { input: wrapped })).code).toBe(0);
  });

  it('stores the expiry that is said', async () => {
    await auth(['paste-token', ...toFile(), '--expires-in', '3d'], { input: token() });
    const [profile] = printed(await auth(['list'])).items;
    expect(profile).toMatchObject({ status: 'expiring', type: 'token' });
    expect(profile).not.toHaveProperty('expiryAssumed');
  });

  it.each([
    ['an empty paste', '', [], 64, 'EMPTY_SECRET'],
    ['only line breaks', '\n\n', [], 64, 'EMPTY_SECRET'],
    ['a token that is too short', 'sk-ant-oat01-short', [], 64, 'WRONG_CREDENTIAL_KIND'],
    ['a wrong time', 'unread', ['--expires-in', '1.5d'], 64, 'USAGE'],
    ['a wrong profile id', 'unread', ['--profile-id', 'nonsense'], 64, 'USAGE'],
    ["another provider's profile id", 'unread', ['--profile-id', 'xai:work'], 64, 'USAGE'],
    ['an unknown provider', 'unread', ['--provider', 'antropic'], 64, 'PROVIDER_NOT_FOUND'],
    ['a provider without tokens', 'unread', ['--provider', 'xai'], 64, 'USAGE'],
    ['a base URL in the clear', 'unread', ['--base-url', 'http://example.com'], 64, 'USAGE'],
    ['a second vault', 'unread', ['--vault', 'nonsense'], 64, 'USAGE'],
  ] as const)('stores nothing and exits with its own code: %s', async (_, input, flags, exit, code) => {
    const base = flags.includes('--base-url' as never) ? [] : ['--base-url', simulator.url];
    const result = await auth(['paste-token', ...base, ...flags], { input });
    expect({ exit: result.code, code: printed(result).error.code }).toEqual({ exit, code });
    expect(simulator.requests).toEqual([]);
    expect(existsSync(join(home.stateDir, 'vault.age'))).toBe(false);
  });

  it('never repeats a token that was typed as an argument', async () => {
    for (const words of [['paste-token', token()], ['setup-token', token()], [token()]]) {
      const { code, stdout, stderr } = await run(['models', 'auth', ...words]);
      expect(code).toBe(64);
      expect(findCanary(token(), { texts: { stdout, stderr } })).toEqual([]);
    }
  });
});

describe('moltbot models auth setup-token', () => {
  it('takes the token from stdin where there is no terminal', async () => {
    expect((await auth(['setup-token', '--provider', 'anthropic', ...toFile()], { input: token() })).code).toBe(0);
  });

  it('is a usage error without a terminal and without stdin', async () => {
    const result = await auth(['setup-token', '--provider', 'anthropic', ...toFile()]);
    expect({ exit: result.code, code: printed(result).error.code }).toEqual({ exit: 64, code: 'EMPTY_SECRET' });
  });
});

describe('moltbot models auth paste-api-key and add', () => {
  it('replaces an existing profile once the test has passed, keeping its base URL', async () => {
    await paste('old', '--profile-id', 'anthropic:work');
    const key = simulator.issueKey('anthropic', 'new');
    const result = await auth(['add', '--profile-id', 'anthropic:work'], { input: key });
    expect(printed(result)).toMatchObject({ profileId: 'anthropic:work', replaced: true, test: { verdict: 'valid' } });
    expect(simulator.requests.at(-1)!.credentials[0]!.name).toBe('new');
  });

  it('clears the state of a profile whose credential is replaced', async () => {
    simulator.setScript({ rules: [{ credential: 'poor', fail: { kind: 'error', error: 'credit_too_low' } }] });
    await paste('poor');
    expect(printed(await run(['models', 'status', '--json'])).auth.unusableProfiles).toHaveLength(1);
    await paste('rich');
    expect(printed(await run(['models', 'status', '--json'])).auth.unusableProfiles).toEqual([]);
  });

  it('asks for the provider when it can neither ask nor guess', async () => {
    const result = await auth(['add'], { input: 'x' });
    expect(result.code).toBe(64);
    expect(printed(result).error.message).toBe('The provider was not said, and there is no terminal to ask on.');
  });

  it('says when auth.order leaves the new profile out', async () => {
    await paste();
    writeFileSync(
      join(home.stateDir, 'moltbot.json'),
      '{ vault: { kind: "file" }, auth: { order: { anthropic: ["anthropic:default"] } } }',
      { mode: 0o600 },
    );
    const key = simulator.issueKey('anthropic', 'second');
    const result = await run(
      [
        'models',
        'auth',
        'paste-api-key',
        '--provider',
        'anthropic',
        '--profile-id',
        'anthropic:b',
        '--base-url',
        simulator.url,
      ],
      { input: key },
    );
    expect(result.stdout).toContain('moltbot models auth order set --provider anthropic anthropic:default anthropic:b');
  });
});

describe('moltbot models auth list, rename, remove, revoke', () => {
  it('says what to do when there is nothing', async () => {
    expect((await run(['models', 'auth', 'list'])).stdout).toBe(
      'Agent main has no profiles. Add one with: moltbot models auth add\n',
    );
  });

  it('renames a profile with its secret', async () => {
    await paste();
    const result = await auth(['rename', 'anthropic:default', 'anthropic:work']);
    expect(printed(result)).toEqual({
      profileId: 'anthropic:work',
      formerId: 'anthropic:default',
      agentId: 'main',
      gatewayHost: hostname(),
    });
    expect(await ids()).toEqual(['anthropic:work']);
    expect((await auth(['test', 'anthropic:work'])).code).toBe(0);
  });

  it('removes a profile and its secret, and asks first where somebody can answer', async () => {
    await paste();
    const asked = await auth(['remove', 'anthropic:default']);
    expect([asked.code, await ids()]).toEqual([64, ['anthropic:default']]);
    const result = await auth(['remove', 'anthropic:default', '--yes']);
    expect(printed(result)).toEqual({
      profileId: 'anthropic:default',
      agentId: 'main',
      removed: true,
      gatewayHost: hostname(),
    });
    expect(await ids()).toEqual([]);
    expect((await auth(['test', 'anthropic:default'])).code).toBe(1);
  });

  it('names the profile that was probably meant', async () => {
    await paste();
    const result = await auth(['remove', 'anthropic:defalt', '--yes']);
    expect(printed(result).error).toEqual({
      code: 'PROFILE_NOT_FOUND',
      message: 'Agent "main" has no profile "anthropic:defalt".',
      hint: 'Did you mean "anthropic:default"?',
    });
  });

  it('revokes a leaked key at once and says where to end it at the provider', async () => {
    await paste();
    const unasked = await auth(['revoke', 'anthropic:default']);
    expect({ code: unasked.code, hint: printed(unasked).error.hint }).toEqual({
      code: 64,
      hint: 'Say yes on the command line: --now',
    });
    const result = await auth(['revoke', 'anthropic:default', '--now']);
    expect(printed(result)).toMatchObject({
      profileId: 'anthropic:default',
      revoked: true,
      revokeAt: expect.stringContaining('console.anthropic.com'),
      createdAt: expect.any(Number),
      lastUsedAt: null,
      uses: [],
      gatewayHost: hostname(),
    });
    expect(await ids()).toEqual([]);
  });

  it('says what a leaked key was used for since a date, by whomever', async () => {
    await paste();
    const day = (at: number) => Date.UTC(2026, 9, at);
    const used = (agentId: string, profileId: string, atMs: number) => ({ agentId, profileId, atMs });
    noteUses([
      used('main', 'anthropic:default', day(1)),
      used('reviewer', 'anthropic:default', day(3)),
      used('reviewer', 'anthropic:default', day(4)),
      used('main', 'anthropic:default', day(5)),
      used('main', 'anthropic:other', day(6)),
    ]);
    const { uses, usedSince } = printed(await auth(['revoke', 'anthropic:default', '--now', '--since', '2026-10-02']));
    const model = 'claude-haiku-4-5-20251001';
    expect({ usedSince, uses }).toEqual({
      usedSince: day(2),
      uses: [
        { agentId: 'reviewer', model, requests: 2, firstAtMs: day(3), lastAtMs: day(4) },
        { agentId: 'main', model, requests: 1, firstAtMs: day(5), lastAtMs: day(5) },
      ],
    });
  });

  function noteUses(uses: readonly { agentId: string; profileId: string; atMs: number }[]) {
    const database = Database.open(join(home.stateDir, 'state.sqlite'));
    const ledger = new LedgerStore(database);
    for (const { agentId, profileId, atMs } of uses)
      ledger.insert({
        requestId: `mbr_${atMs}`,
        attempt: 1,
        admittedAtMs: atMs,
        agentId,
        accessor: 'acc_1',
        session: 's',
        profileAgentId: 'main',
        profileId,
        provider: 'anthropic',
        route: 'messages',
        modelAsked: 'claude-haiku-4-5',
        modelServed: 'claude-haiku-4-5-20251001',
        isStream: false,
        labels: null,
        isSubscription: false,
        tokenLabel: null,
        reservedNanoUsd: null,
        reservedTokens: null,
        boundNanoUsd: null,
        boundTokens: null,
      });
    database.close();
  }
});

describe('moltbot models auth test, why, reset', () => {
  function coolDown() {
    const database = Database.open(join(home.stateDir, 'state.sqlite'));
    const sinceMs = Date.now();
    new HealthStore(database).put({
      agentId: 'main',
      profileId: 'anthropic:default',
      model: null,
      kind: 'disabled',
      reason: 'auth',
      outcome: 'auth',
      httpStatus: 401,
      errorType: 'authentication_error',
      requestId: 'req_sim_1',
      causedBy: 'main',
      sinceMs,
      untilMs: null,
      rung: 2,
      failuresInARow: 3,
      lastFailureMs: sinceMs,
      changedBy: 'gateway',
    });
    database.close();
  }

  it('clears a disabled state when the test passes', async () => {
    await paste();
    coolDown();
    const result = await auth(['test', 'anthropic:default']);
    expect([result.code, printed(result)]).toMatchObject([
      0,
      { profileId: 'anthropic:default', agentId: 'main', test: { success: true, verdict: 'valid' } },
    ]);
    expect(printed(await auth(['why', 'anthropic:default'])).states).toEqual([]);
  });

  it('exits 1 for a refused, 3 for an unusable and 69 for an unreachable credential', async () => {
    await paste();
    const codes = [];
    for (const error of ['authentication', 'rate_limit', 'server_error'] as const) {
      simulator.setScript({ rules: [{ fail: { kind: 'error', error } }] });
      codes.push((await auth(['test'])).code);
    }
    expect(codes).toEqual([1, 3, 69]);
  });

  it('says in a sentence why a profile is unusable, and clears it on request', async () => {
    await paste();
    coolDown();
    const why = printed(await auth(['why', 'anthropic:default']));
    expect(why.sentences[0]).toMatch(
      /^anthropic:default \(agent "main"\) is disabled: refused by the provider\. The provider answered 401 authentication_error \(request req_sim_1\)/,
    );
    expect(printed(await auth(['reset', 'anthropic:default']))).toEqual({
      profileId: 'anthropic:default',
      agentId: 'main',
      cleared: 1,
      gatewayHost: hostname(),
    });
    expect((await run(['models', 'auth', 'why', 'anthropic:default'])).stdout).toMatch(/^anthropic:default is usable/);
  });

  it('sends a secret only to the origin it was stored for', async () => {
    const key = await paste();
    let seen = 0;
    const elsewhere = createServer((_, response) => {
      seen++;
      response.end('{}');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    const database = Database.open(join(home.stateDir, 'state.sqlite'));
    database.run('UPDATE profiles SET base_url = ?', url);
    database.close();
    const result = await auth(['test', 'anthropic:default']);
    elsewhere.close();
    expect([result.code, printed(result).error.code, seen]).toEqual([1, 'NO_CREDENTIALS', 0]);
    expect(findCanary(key, { texts: { out: result.stdout, err: result.stderr } })).toEqual([]);
  });
});
