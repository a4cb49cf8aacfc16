import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestManagement } from '../fakes/test-management.ts';

let world: TestManagement;
beforeAll(async () => {
  world = await TestManagement.start();
});
afterAll(() => world[Symbol.asyncDispose]());

const post = (path: string, body: unknown) => world.socket.post(path, body);
const actions = () =>
  world.app
    .stores()
    .audit.before({ limit: 3 })
    .map(({ action, subject }) => `${action} ${subject}`);

describe('agents over the API', () => {
  it('are added with terms, listed, shown, changed and removed, and each is written down', async () => {
    const expiresAt = world.app.now() + 3_600_000;
    const terms = { expiresAt, policy: { providers: ['anthropic'], concurrency: 2 }, labels: { team: 'core' } };
    const added = await post('/agents', { id: 'worker', ...terms });
    const agent = {
      id: 'worker',
      state: 'active',
      pause: null,
      createdAt: expect.any(Number),
      ...terms,
      profiles: [],
      liveTokens: 0,
    };
    expect([added.status, added.body]).toEqual([201, agent]);
    expect((await world.socket.get('/agents/worker')).body).toEqual(agent);
    expect((await world.socket.get('/agents')).body).toMatchObject({
      items: [{ id: 'main' }, agent],
      nextCursor: null,
    });
    const changed = await world.socket.call('PATCH', '/agents/worker', { body: { expiresAt: null, policy: {} } });
    expect([changed.status, changed.body]).toEqual([200, { ...agent, expiresAt: null, policy: {} }]);
    const removed = await world.socket.call('DELETE', '/agents/worker');
    expect([removed.status, removed.body]).toEqual([
      200,
      { agentId: 'worker', removed: true, profiles: [], tokens: 0 },
    ]);
    expect((await world.socket.get('/agents/worker')).status).toBe(404);
    expect(actions()).toEqual(['agent.removed worker', 'token.revoked worker', 'agent.changed worker']);
  });

  it('keep models of a policy in their one spelling, each once', async () => {
    const models = ['anthropic/claude-haiku-4.5', 'anthropic/claude-haiku-4-5', 'xai/*'];
    const added = await post('/agents', { id: 'speller', policy: { models } });
    expect(added.body).toMatchObject({ policy: { models: ['anthropic/claude-haiku-4-5', 'xai/*'] } });
    await world.socket.call('DELETE', '/agents/speller');
  });

  it('are paged with a cursor that goes on where the page ended', async () => {
    for (const id of ['a', 'b', 'c']) await post('/agents', { id });
    const first = (await world.socket.get('/agents?limit=2')).body as { items: { id: string }[]; nextCursor: string };
    expect(first.items.map(({ id }) => id)).toEqual(['main', 'a']);
    const second = await world.socket.get(`/agents?limit=2&cursor=${first.nextCursor}`);
    expect(second.body).toMatchObject({ items: [{ id: 'b' }, { id: 'c' }], nextCursor: null });
    for (const id of ['a', 'b', 'c']) await world.socket.call('DELETE', `/agents/${id}`);
  });

  it.each([
    ['POST', '/agents', { id: 'main' }, 409],
    ['POST', '/agents', { id: '../etc' }, 422],
    ['POST', '/agents', { id: 'Main' }, 422],
    ['POST', '/agents', { id: 'x', model: 'y' }, 422],
    ['POST', '/agents', { id: 'x', policy: { providers: ['nobody'] } }, 400],
    ['POST', '/agents', { id: 'x', policy: { models: ['haiku'] } }, 400],
    ['POST', '/agents', { id: 'x', policy: { models: ['nobody/*'] } }, 400],
    ['POST', '/agents', { id: 'x', policy: { requestsPerMinute: 0 } }, 422],
    ['POST', '/agents', { id: 'x', policy: { budget: { usd: 1 } } }, 422],
    ['POST', '/agents', { id: 'x', labels: { team: 'a\u001b[2J' } }, 422],
    ['POST', '/agents', { id: 'x', expiresAt: 'tomorrow' }, 422],
    ['GET', '/agents/nobody', undefined, 404],
    ['GET', '/agents/%2e%2e%2f', undefined, 400],
    ['GET', '/agents/Main', undefined, 422],
    ['GET', '/agents?limit=0', undefined, 422],
    ['GET', '/agents?limit=501', undefined, 422],
    ['GET', '/agents?cursor=nonsense', undefined, 422],
    ['GET', '/agents?cursor=Z2hvc3Q', undefined, 422],
    ['PATCH', '/agents/nobody', { labels: {} }, 404],
    ['PATCH', '/agents/main', {}, 422],
    ['PATCH', '/agents/main', { policy: { providers: ['nobody'] } }, 400],
    ['PATCH', '/agents/main', { id: 'other' }, 422],
    ['DELETE', '/agents/nobody', undefined, 404],
    ['DELETE', '/agents/main', undefined, 400],
  ])('refuse %s %s %j with %i', async (method, path, body, status) => {
    expect((await world.socket.call(method, path, { body })).status).toBe(status);
    expect((await world.socket.get('/agents')).body).toMatchObject({ items: [{ id: 'main' }] });
  });
});

describe('agent keys over the API', () => {
  it('are made, listed without their text, replaced with a grace time, and end with the agent', async () => {
    await post('/agents', { id: 'remote' });
    const first = (await post('/agents/remote/keys', {})).body as { id: string; key: string };
    expect(first).toMatchObject({ key: expect.stringMatching(/^mba_/), agentId: 'remote', kind: 'key', replaced: 0 });
    const secret = await post('/agents/remote/keys', { kind: 'client_secret' });
    expect(secret.body).toMatchObject({ key: expect.stringMatching(/^mbs_/), kind: 'client_secret', replaced: 0 });
    const second = await post('/agents/remote/keys', { grace: '10m' });
    expect([second.status, (second.body as { replaced: number }).replaced]).toEqual([201, 1]);
    const listed = await world.socket.get('/agents/remote/keys');
    const { items } = listed.body as { items: { id: string; expiresAt: number | null }[] };
    expect(items).toHaveLength(3);
    expect(items.filter(({ expiresAt }) => expiresAt !== null).map(({ id }) => id)).toEqual([first.id]);
    expect(JSON.stringify(listed.body)).not.toContain(first.key.slice(4));
    const gone = await post('/agents/remote/unenroll', undefined);
    expect(gone.body).toEqual({ agentId: 'remote', tokens: 0, keys: 3, removed: true });
    expect((await world.socket.get('/agents/remote/keys')).status).toBe(404);
  });

  it.each([
    ['/agents/nobody/keys', {}, 404],
    ['/agents/main/keys', { grace: 'long' }, 422],
    ['/agents/main/keys', { grace: '31d' }, 422],
    ['/agents/main/keys', { kind: 'password' }, 422],
    ['/agents/nobody/unenroll', undefined, 404],
  ])('refuse POST %s %j with %i', async (path, body, status) => {
    expect((await post(path, body)).status).toBe(status);
  });
});
