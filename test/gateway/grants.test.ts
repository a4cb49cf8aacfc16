import { describe, expect, it, vi } from 'vitest';
import type { Grant } from '../../src/profiles/grant-store.ts';
import { GrantStore } from '../../src/profiles/grant-store.ts';
import { SMALL, TestGateway, type TestGatewayOptions } from '../fakes/test-gateway.ts';

const NO_WAIT = { auth: { maxWaitMs: 0 } };
const OPUS = { ...SMALL, model: 'claude-opus-4-5' };
const STREAM = { body: { ...SMALL, stream: true } };

/** A gateway where `reviewer` has what was granted to it, and its token. */
async function granted(limits: Partial<Grant> = {}, options: TestGatewayOptions = {}) {
  const gateway = await TestGateway.start({ profiles: ['work'], config: NO_WAIT, ...options });
  const { token } = gateway.issue('reviewer');
  grant(gateway, limits);
  return { gateway, token, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}

function grant(gateway: TestGateway, limits: Partial<Grant> = {}): void {
  new GrantStore(gateway.database).put({
    ownerAgentId: 'main',
    profileId: 'anthropic:work',
    agentId: 'reviewer',
    models: null,
    requestsPerMinute: null,
    createdAtMs: gateway.now(),
    createdBy: 'person:tester',
    ...limits,
  });
}

async function told(response: Response) {
  const { error } = (await response.json()) as { error: { message: string } };
  return [response.status, response.headers.get('x-moltbot-error'), error.message];
}

describe.concurrent('a granted profile', () => {
  it('serves the agent it was granted to, and nobody else', async () => {
    await using gateway = await TestGateway.start({ profiles: ['work'] });
    const [reviewer, writer] = ['reviewer', 'writer'].map((agent) => gateway.issue(agent).token);
    expect((await gateway.post({ token: reviewer! })).status).toBe(401);
    grant(gateway);
    expect((await gateway.post({ token: reviewer! })).status).toBe(200);
    expect((await gateway.post({ token: writer! })).status).toBe(401);
    expect(gateway.served()).toEqual(['work 200']);
  });

  it('keeps one cooldown for its owner and the agent it was granted to', async () => {
    const rules = [{ first: 1, fail: { kind: 'error' as const, error: 'rate_limit' as const } }];
    await using world = await granted({}, { script: { rules } });
    const { gateway, token } = world;
    expect((await gateway.post({ token })).status).toBe(429);
    expect(gateway.windows()).toMatchObject([{ agentId: 'main', profileId: 'anthropic:work', causedBy: 'reviewer' }]);
    expect((await told(await gateway.post()))[2]).toContain('anthropic:work rate limited');
    expect((await told(await gateway.post({ token })))[2]).toContain('main/anthropic:work rate limited');
    expect(gateway.served()).toEqual(['work 429']);
  });

  it('is passed over for a model its grant does not cover, with the reason, and its owner is not limited', async () => {
    await using world = await granted({ models: ['claude-haiku-4-5'] });
    const { gateway, token } = world;
    expect((await gateway.post({ token })).status).toBe(200);
    expect(await told(await gateway.post({ token, body: OPUS }))).toEqual([
      403,
      'MODEL_NOT_ALLOWED',
      expect.stringContaining('main/anthropic:work not granted for claude-opus-4-5'),
    ]);
    expect((await gateway.post({ body: OPUS })).status).toBe(200);
    expect(gateway.states()).toEqual([]);
  });

  it('is passed over under every spelling of a model its grant does not cover', async () => {
    await using world = await granted({ models: ['claude-haiku-4-5'] });
    const { gateway, token } = world;
    for (const model of ['claude-opus-4-5-20251101', 'CLAUDE-OPUS-4-5', ' claude-haiku-4-5', 'сlaude-haiku-4-5', ''])
      expect([model, (await gateway.post({ token, body: { ...SMALL, model } })).status]).toEqual([model, 403]);
    expect(gateway.served()).toEqual([]);
  });

  it('is passed over for a request that names another model anywhere else in it', async () => {
    await using world = await granted({ models: ['claude-haiku-4-5'] });
    const { gateway, token } = world;
    for (const more of [{ fallbacks: [OPUS.model] }, { tools: [{ name: 'a', model: OPUS.model }] }])
      expect((await told(await gateway.post({ token, body: { ...SMALL, ...more } }))).slice(0, 2)).toEqual([
        403,
        'MODEL_NOT_ALLOWED',
      ]);
    expect(gateway.served()).toEqual([]);
    const same = { fallbacks: [SMALL.model] };
    await gateway.post({ token, body: { ...SMALL, ...same } });
    expect(gateway.served()).toHaveLength(1);
  });

  it('gives way to the agent’s own profile for a model its grant does not cover', async () => {
    const profiles = ['work', { name: 'own', agentId: 'reviewer' }];
    const config = {
      ...NO_WAIT,
      agents: {
        list: [{ id: 'reviewer', auth: { order: { anthropic: ['main/anthropic:work', 'anthropic:own'] } } }],
      },
    };
    await using world = await granted({ models: ['claude-haiku-4-5'] }, { profiles, config });
    const { gateway, token } = world;
    await gateway.post({ token });
    await gateway.post({ token, body: OPUS });
    expect(gateway.served()).toEqual(['work 200', 'own 200']);
  });

  it('serves no batch when its grant names models, because what a batch asks for cannot be told', async () => {
    await using world = await granted({ models: ['claude-haiku-4-5'] });
    const { gateway, token } = world;
    const body = { requests: [{ custom_id: 'one', params: OPUS }] };
    expect((await gateway.post({ token, path: 'anthropic/v1/messages/batches', body })).status).toBe(403);
    expect(gateway.served()).toEqual([]);
  });

  it('serves no more requests a minute than its grant says, and says when the next may come', async () => {
    await using world = await granted({ requestsPerMinute: 2 });
    const { gateway, token } = world;
    const statuses = await Promise.all([1, 2, 3, 4].map(async () => (await gateway.post({ token })).status));
    expect(statuses.toSorted()).toEqual([200, 200, 429, 429]);
    const refused = await gateway.post({ token });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
    expect((await told(refused))[2]).toContain('main/anthropic:work at the request rate of its grant');
    expect((await gateway.post()).status).toBe(200);
    gateway.move(60_001);
    expect((await gateway.post({ token })).status).toBe(200);
  });

  it('is named by the pin of a token', async () => {
    const profiles = ['work', { name: 'own', agentId: 'reviewer' }];
    await using world = await granted({}, { profiles });
    const { gateway } = world;
    const pin = { agentId: 'reviewer', profileId: 'main/anthropic:work', ttlMs: 60_000 };
    const token = gateway.tokens.issue(pin, gateway.now()).token.reveal();
    for (let turn = 0; turn < 2; turn++) await gateway.post({ token });
    expect(gateway.served()).toEqual(['work 200', 'work 200']);
  });

  it('sends nothing to another place than its secret was stored for', async () => {
    await using world = await granted();
    const { gateway, token } = world;
    gateway.database.run("UPDATE profiles SET base_url = 'http://127.0.0.1:9'");
    expect((await told(await gateway.post({ token })))[2]).toContain('stored for another base URL');
  });
});

describe.concurrent('the end of a grant', () => {
  const endings: [string, (gateway: TestGateway) => unknown][] = [
    ['the grant', (gateway) => new GrantStore(gateway.database).delete('main', 'anthropic:work', 'reviewer')],
    ['the profile', (gateway) => gateway.credentials.remove('main', 'anthropic:work')],
  ];
  it.each(endings)(
    'with %s cuts its streams within a second, and the next request goes on without it',
    async (_, end) => {
      const profiles = ['work', { name: 'own', agentId: 'reviewer' }];
      const agents = {
        list: [{ id: 'reviewer', auth: { order: { anthropic: ['main/anthropic:work', 'anthropic:own'] } } }],
      };
      const script = { rules: [{ first: 1, fail: { kind: 'silence' as const, afterEvents: 2 } }] };
      await using world = await granted({}, { profiles, script, config: { ...NO_WAIT, agents } });
      const { gateway, token } = world;
      const response = await gateway.post({ token, ...STREAM });
      const endedAtMs = performance.now();
      await end(gateway);
      const events = (await response.text()).trimEnd().split('\n\n');
      expect(performance.now() - endedAtMs).toBeLessThan(1_000);
      expect(events.at(-1)).toContain('event: error');
      expect((await gateway.post({ token })).status).toBe(200);
      expect(gateway.served().at(-1)).toBe('own 200');
    },
  );

  it('leaves the streams of its owner alone', async () => {
    const script = { pacing: { perEventMs: 150 } };
    await using world = await granted({}, { script });
    const { gateway } = world;
    const response = await gateway.post(STREAM);
    new GrantStore(gateway.database).delete('main', 'anthropic:work', 'reviewer');
    expect(await response.text()).toContain('message_stop');
  });

  it('goes with its owner, and a new agent of that name revives nothing', async () => {
    await using gateway = await TestGateway.start({ profiles: [{ name: 'work', agentId: 'lender' }] });
    const { token } = gateway.issue('reviewer');
    grant(gateway, { ownerAgentId: 'lender' });
    expect((await gateway.post({ token })).status).toBe(200);
    await gateway.credentials.remove('lender', 'anthropic:work');
    gateway.agents.remove('lender');
    gateway.agents.add('lender', gateway.now());
    await vi.waitFor(async () => expect((await gateway.post({ token })).status).toBe(401));
    expect(new GrantStore(gateway.database).to('reviewer')).toEqual([]);
  });
});
