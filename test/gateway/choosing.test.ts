import { describe, expect, it } from 'vitest';
import { SMALL, TestGateway, type TestGatewayOptions } from '../fakes/test-gateway.ts';

const CLAUDE_CODE = { 'user-agent': 'claude-cli/2.1.329 (external, cli)', 'x-app': 'cli' };
const SDK = { 'user-agent': 'Anthropic/JS 1.11.0' };
const KEY = `sk-ant-sim-${'e'.repeat(40)}`;

function withOrder(order: string[], more: Partial<TestGatewayOptions> = {}): Promise<TestGateway> {
  return TestGateway.start({
    profiles: ['first', 'second', 'third'],
    config: { auth: { order: { anthropic: order.map((name) => `anthropic:${name}`) } } },
    ...more,
  });
}

describe('the order of profiles', () => {
  it('is least recently used, then id, for sessions that are new', async () => {
    await using gateway = await TestGateway.start({ profiles: ['b', 'a', 'c'] });
    for (const id of ['1', '2', '3', '4']) await gateway.post({ headers: { 'x-session-id': id } });
    expect(gateway.served()).toEqual(['a 200', 'b 200', 'c 200', 'a 200']);
  });

  it('is exactly the configured one: who is not in it never serves', async () => {
    await using gateway = await withOrder(['second', 'first']);
    for (const id of ['1', '2']) await gateway.post({ headers: { 'x-session-id': id } });
    gateway.simulator.addRules({ fail: { kind: 'error', error: 'rate_limit' } });
    expect((await gateway.post()).status).toBe(429);
    expect(gateway.served()).toEqual(['second 200', 'second 200', 'second 429', 'first 429']);
  });

  it('gives way to a pin, which is that profile or an error', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      config: { auth: { pin: { anthropic: 'anthropic:second' }, order: { anthropic: ['anthropic:first'] } } },
      script: { rules: [{ after: 1, fail: { kind: 'error', error: 'authentication' } }] },
    });
    expect((await gateway.post()).status).toBe(200);
    expect((await gateway.post()).status).toBe(401);
    expect(gateway.served()).toEqual(['second 200', 'second 401']);
  });

  it('gives way to a token that was made for one profile', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first', 'second'] });
    const { token } = gateway.tokens.issue(
      { agentId: 'main', profileId: 'anthropic:second', ttlMs: 60_000 },
      gateway.now(),
    );
    for (let turn = 0; turn < 2; turn++) await gateway.post({ token: token.reveal() });
    expect(gateway.served()).toEqual(['second 200', 'second 200']);
  });

  it('is an agent’s own where that agent has one', async () => {
    await using gateway = await TestGateway.start({
      profiles: [
        { name: 'a', agentId: 'reviewer' },
        { name: 'b', agentId: 'reviewer' },
      ],
      config: {
        auth: { order: { anthropic: ['anthropic:a'] } },
        agents: { list: [{ id: 'reviewer', auth: { order: { anthropic: ['anthropic:b'] } } }] },
      },
    });
    await gateway.post({ token: gateway.issue('reviewer').token });
    expect(gateway.served()).toEqual(['b 200']);
  });
});

describe('a session', () => {
  const named = (user: object) => ({ ...SMALL, metadata: { user_id: JSON.stringify(user) } });
  it.each<[string, { headers?: Record<string, string>; body?: unknown }]>([
    ['x-claude-code-session-id', { headers: { 'x-claude-code-session-id': 'one' } }],
    ['x-session-id', { headers: { 'x-session-id': 'one' } }],
    ['session-id', { headers: { 'session-id': 'one' } }],
    ['x-session-affinity', { headers: { 'x-session-affinity': 'one' } }],
    ['metadata.user_id.session_id', { body: named({ device_id: 'd', session_id: 'one' }) }],
    ['prompt_cache_key', { body: { ...SMALL, prompt_cache_key: 'one' } }],
    ['the access token', {}],
  ])('named by %s keeps its profile, whatever others use', async (_source, request) => {
    await using gateway = await TestGateway.start({ profiles: ['first', 'second'] });
    gateway.simulator.addRules({ answer: { text: 'Yes.' } });
    const status = async (options: object) => (await gateway.post(options)).status;
    // The simulator, like the provider, refuses a field it does not know; the session counts all the same.
    const expected = JSON.stringify(request).includes('prompt_cache_key') ? expect.any(Number) : 200;
    expect(await status(request)).toEqual(expected);
    expect(await status({ headers: { 'x-session-id': 'other' } })).toBe(200);
    for (let turn = 0; turn < 2; turn++) expect(await status(request)).toEqual(expected);
    expect(gateway.served().map((line) => line.split(' ')[0])).toEqual(['first', 'second', 'first', 'first']);
  });

  it('is known from the first byte of its first answer on, not only from its end', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first', 'second'] });
    gateway.simulator.addRules({ stream: true, pacing: { perEventMs: 100 } });
    const headers = { 'x-session-id': 'one' };
    const streaming = await gateway.post({ headers, body: { ...SMALL, stream: true } });
    expect((await gateway.post({ headers })).status).toBe(200);
    await streaming.text();
    expect(gateway.served()).toEqual(['first 200', 'first 200']);
  });

  it('is kept over a restart', async () => {
    const before = await TestGateway.start({ profiles: ['first', 'second'] });
    for (const id of ['a', 'b']) await before.post({ headers: { 'x-session-id': id } });
    const { home, simulator, vault } = before;
    await before.stop();
    await using gateway = await TestGateway.start({ home, simulator, vault });
    for (const id of ['b', 'b', 'a']) await gateway.post({ headers: { 'x-session-id': id } });
    expect(gateway.served()).toEqual(['first 200', 'second 200', 'second 200', 'second 200', 'first 200']);
  });

  it('is over after an hour without a request', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first', 'second'] });
    const { token } = gateway.issue('main', 2 * 3_600_000);
    const headers = { 'x-session-id': 'a' };
    await gateway.post({ headers, token });
    gateway.move(3_600_000);
    await gateway.post({ headers, token });
    expect(gateway.served()).toEqual(['first 200', 'second 200']);
  });

  it('belongs to one agent: another’s session of that name is another', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first', { name: 'own', agentId: 'reviewer' }] });
    const headers = { 'x-session-id': 'a' };
    await gateway.post({ headers });
    await gateway.post({ headers, token: gateway.issue('reviewer').token });
    expect(gateway.served()).toEqual(['first 200', 'own 200']);
  });
});

describe('a setup-token', () => {
  const BOTH = { profiles: ['key', { name: 'mine', type: 'token' }] } satisfies TestGatewayOptions;

  it('comes first for Claude Code and is passed over for an SDK', async () => {
    await using gateway = await TestGateway.start(BOTH);
    for (const headers of [CLAUDE_CODE, SDK]) expect((await gateway.post({ headers })).status).toBe(200);
    expect(gateway.served()).toEqual(['mine 200', 'key 200']);
  });

  it('is sent as bearer with its beta once, and without the beta of API keys', async () => {
    await using gateway = await TestGateway.start(BOTH);
    await gateway.post({ headers: { ...CLAUDE_CODE, 'anthropic-beta': 'claude-code-20250219,oauth-2025-04-20' } });
    const [request] = gateway.simulator.requests;
    expect(request!.credentials).toMatchObject([{ header: 'authorization', scheme: 'bearer', kind: 'token' }]);
    const at = request!.rawHeaders.findIndex((name) => name.toLowerCase() === 'anthropic-beta');
    expect(request!.rawHeaders[at + 1]).toBe('claude-code-20250219,oauth-2025-04-20');
  });

  it('alone is no credential for an SDK', async () => {
    await using gateway = await TestGateway.start({ profiles: [{ name: 'mine', type: 'token' }] });
    const response = await gateway.post({ headers: SDK });
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([401, 'NO_CREDENTIALS']);
    expect(gateway.served()).toEqual([]);
  });

  it('serves an SDK when an order names it', async () => {
    await using gateway = await TestGateway.start({
      ...BOTH,
      config: { auth: { order: { anthropic: ['anthropic:mine'] } } },
    });
    expect((await gateway.post({ headers: SDK })).status).toBe(200);
    expect(gateway.served()).toEqual(['mine 200']);
  });

  it('that is used up gives way to the paid key, said once in the log', async () => {
    await using gateway = await TestGateway.start({
      ...BOTH,
      script: {
        rules: [
          {
            credential: 'mine',
            fail: { kind: 'error', error: 'rate_limit', resets: [{ style: 'unified-five-hour', seconds: 7_200 }] },
          },
        ],
      },
    });
    for (let turn = 0; turn < 2; turn++) expect((await gateway.post({ headers: CLAUDE_CODE })).status).toBe(200);
    expect(gateway.served()).toEqual(['mine 429', 'key 200', 'key 200']);
    expect(gateway.windows()).toMatchObject([{ profileId: 'anthropic:mine', model: null, windowSeconds: 7_200 }]);
    expect(gateway.logLines.filter((line) => line.includes('the subscription is used up'))).toHaveLength(1);
  });

  it('that is used up leads nowhere with auth.paidFallback: false', async () => {
    await using gateway = await TestGateway.start({
      ...BOTH,
      config: { auth: { paidFallback: false } },
      script: { rules: [{ credential: 'mine', fail: { kind: 'error', error: 'rate_limit' } }] },
    });
    expect((await gateway.post({ headers: CLAUDE_CODE })).status).toBe(429);
    expect(gateway.served()).toEqual(['mine 429']);
  });

  it('is not blamed for a 429 without a time that it gives to another client', async () => {
    await using gateway = await TestGateway.start({
      ...BOTH,
      config: { auth: { order: { anthropic: ['anthropic:mine', 'anthropic:key'] } } },
      script: { rules: [{ credential: 'mine', fail: { kind: 'error', error: 'rate_limit' } }] },
    });
    expect((await gateway.post({ headers: SDK })).status).toBe(200);
    expect([gateway.served(), gateway.states()]).toEqual([['mine 429', 'key 200'], []]);
  });
});

describe('a key in the gateway’s environment', () => {
  const ENV = { env: { ANTHROPIC_API_KEY: KEY } };
  const seen = (gateway: TestGateway) => gateway.simulator.requests.map(({ credentials }) => credentials[0]!.name);

  it('serves main, and no other agent', async () => {
    await using gateway = await TestGateway.start(ENV);
    const response = await gateway.post();
    // A key of nobody's: the provider refuses it, so what is judged is who was asked with it.
    expect(response.status).toBe(401);
    expect(gateway.states()).toEqual(['anthropic:env auth']);
    const other = await gateway.post({ token: gateway.issue('reviewer').token });
    expect(other.headers.get('x-moltbot-error')).toBe('NO_CREDENTIALS');
    expect(seen(gateway)).toEqual([null]);
  });

  it('serves another agent with auth.env: true', async () => {
    await using gateway = await TestGateway.start({
      ...ENV,
      config: { agents: { list: [{ id: 'reviewer', auth: { env: true } }] } },
    });
    await gateway.post({ token: gateway.issue('reviewer').token });
    expect(seen(gateway)).toEqual([null]);
  });

  it('does not serve main with auth.env: false', async () => {
    await using gateway = await TestGateway.start({
      ...ENV,
      config: { agents: { list: [{ id: 'main', auth: { env: false } }] } },
    });
    expect((await gateway.post()).headers.get('x-moltbot-error')).toBe('NO_CREDENTIALS');
    expect(seen(gateway)).toEqual([]);
  });
});
