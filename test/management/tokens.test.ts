import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestManagement } from '../fakes/test-management.ts';

let world: TestManagement;
beforeAll(async () => {
  world = await TestManagement.start();
  await world.socket.post('/agents', { id: 'worker' });
});
afterAll(() => world[Symbol.asyncDispose]());

interface Made {
  readonly token: string;
  readonly accessor: string;
}

const make = async (body: object = {}, agent = 'worker') =>
  (await world.socket.post(`/agents/${agent}/tokens`, body)).body as Made;
const asAgent = (token: string) =>
  fetch(`${world.gateway.url}/v1/proxy/anthropic/v1/models`, { headers: { authorization: `Bearer ${token}` } });
const accessors = async (path: string) =>
  ((await world.socket.get(path)).body as { items: Made[] }).items.map(({ accessor }) => accessor);

describe('tokens over the API', () => {
  it('are made once with their text, listed without it, and end at once when revoked', async () => {
    const made = await make({ ttl: '5m', providers: ['anthropic'], models: ['anthropic/*'], uses: 3, label: 'ci' });
    const { token, ...listed } = made;
    expect(made).toEqual({
      token: expect.stringMatching(/^mbt_/),
      accessor: expect.stringMatching(/^acc_/),
      agentId: 'worker',
      providers: ['anthropic'],
      profileId: null,
      policy: { models: ['anthropic/*'] },
      budget: null,
      usesLeft: 3,
      agentKeyId: null,
      label: 'ci',
      createdAt: expect.any(Number),
      expiresAt: expect.any(Number),
      renewableUntil: null,
    });
    expect((await world.socket.get('/agents/worker/tokens')).body).toEqual({ items: [listed], nextCursor: null });
    expect((await world.socket.get('/tokens')).body).toEqual({ items: [listed], nextCursor: null });
    const revoked = await world.socket.post('/tokens/revoke', { accessor: made.accessor });
    expect([revoked.status, revoked.body]).toEqual([200, { revoked: 1 }]);
    const refused = await asAgent(token);
    expect([refused.status, refused.headers.get('x-moltbot-error')]).toEqual([401, 'TOKEN_REVOKED']);
    expect(await accessors('/tokens')).toEqual([]);
    expect((await world.socket.post('/tokens/revoke', { accessor: made.accessor })).body).toEqual({ revoked: 0 });
  });

  it('carry a budget, and show what is left of it', async () => {
    const { token, accessor } = await make({ budget: { usd: 2, enforcement: 'hard' }, concurrency: 3 });
    const left = { unit: 'nanoUsd', amount: 2_000_000_000, spent: 0, left: 2_000_000_000, enforcement: 'hard' };
    const policy = { concurrency: 3, budget: { usd: 2, enforcement: 'hard' } };
    expect((await world.socket.get('/agents/worker/tokens')).body).toMatchObject({
      items: [{ accessor, policy, budget: left }],
    });
    const self = await fetch(`${world.gateway.url}/v1/self`, { headers: { authorization: `Bearer ${token}` } });
    expect(await self.json()).toMatchObject({ accessor, budget: left });
    await world.socket.post('/tokens/revoke', { accessor });
  });

  it('are refused for a provider that the agent may not use', async () => {
    await world.socket.post('/agents', { id: 'narrow', policy: { providers: ['xai'] } });
    const refused = await world.socket.post('/agents/narrow/tokens', { providers: ['xai', 'anthropic'] });
    expect([refused.status, refused.body]).toEqual([
      403,
      { detail: expect.stringMatching(/^Agent "narrow" may not use the provider "anthropic"\./) },
    ]);
    expect(await accessors('/agents/narrow/tokens')).toEqual([]);
    expect((await world.socket.post('/agents/narrow/tokens', { providers: ['xai'] })).status).toBe(201);
    await world.socket.call('DELETE', '/agents/narrow');
  });

  it('are paged newest first, of all agents or of one, and revoked by agent or all together', async () => {
    const [one, two, three] = [await make(), await make(), await make({}, 'main')].map(({ accessor }) => accessor);
    const all = await accessors('/tokens');
    expect(all.toSorted()).toEqual([one, two, three].toSorted());
    const paged: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await world.socket.get(`/tokens?limit=1${cursor && `&cursor=${cursor}`}`);
      const { items, nextCursor } = page.body as { items: Made[]; nextCursor: string | null };
      paged.push(...items.map(({ accessor }) => accessor));
      cursor = nextCursor;
    }
    expect(paged).toEqual(all);
    expect(await accessors('/tokens?agent=main')).toEqual([three]);
    expect((await world.socket.post('/tokens/revoke', { agent: 'worker' })).body).toEqual({ revoked: 2 });
    expect((await world.socket.post('/tokens/revoke', { all: true })).body).toEqual({ revoked: 1 });
    expect(await accessors('/tokens')).toEqual([]);
  });

  it('are written down with who made and who ended them', async () => {
    const { accessor } = await make();
    await world.socket.post('/tokens/revoke', { accessor });
    const rows = world.app.stores().audit.before({ limit: 2 });
    expect(rows.map(({ action, subject }) => [action, subject])).toEqual([
      ['token.revoked', accessor],
      ['token.issued', accessor],
    ]);
    expect(rows[0]!.actor).toMatch(/^person:/);
  });

  it.each([
    ['/agents/worker/tokens', { ttl: '2h' }, 400],
    ['/agents/worker/tokens', { ttl: 600 }, 400],
    ['/agents/worker/tokens', { ttl: '1s', extra: 1 }, 422],
    ['/agents/worker/tokens', { providers: ['nobody'] }, 400],
    ['/agents/worker/tokens', { profile: 'anthropic:none-such' }, 404],
    ['/agents/worker/tokens', { profile: 'nonsense' }, 400],
    ['/agents/worker/tokens', { uses: 0 }, 422],
    ['/agents/worker/tokens', { budget: {} }, 422],
    ['/agents/worker/tokens', { budget: { usd: 1, tokens: 5 } }, 422],
    ['/agents/worker/tokens', { budget: { usd: 0 } }, 422],
    ['/agents/worker/tokens', { budget: { usd: 1, per: 'day' } }, 422],
    ['/agents/worker/tokens', { label: 'two\nlines' }, 422],
    ['/agents/worker/tokens', { agentId: 'main' }, 422],
    ['/agents/nobody/tokens', {}, 404],
    ['/tokens/revoke', {}, 422],
    ['/tokens/revoke', { all: false }, 422],
    ['/tokens/revoke', { agent: 'worker', all: true }, 422],
    ['/tokens/revoke', { accessor: 'acc_%' }, 422],
    ['/tokens/revoke', { accessor: 'acc_00000000000000000000' }, 404],
    ['/tokens/revoke', { agent: 'nobody' }, 404],
  ])('refuse POST %s %j with %i', async (path, body, status) => {
    expect((await world.socket.post(path, body)).status).toBe(status);
    expect(await accessors('/tokens')).toEqual([]);
  });

  it.each([
    ['/tokens?cursor=bm8', 422],
    ['/tokens?agent=No', 422],
    ['/tokens?limit=2&limit=3', 422],
    ['/agents/nobody/tokens', 404],
  ])('refuse GET %s with %i', async (path, status) => {
    expect((await world.socket.get(path)).status).toBe(status);
  });
});
