import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Guard } from '../../src/agents/guard.ts';
import { windowAt } from '../../src/budgets/window.ts';
import { Secret } from '../../src/core/secret.ts';
import { costing, writeRows } from '../budgets/written-rows.ts';
import { type EventReader, type ReadEvent, readEvents } from '../fakes/read-events.ts';
import { storeProfile } from '../fakes/simulated-profiles.ts';
import { TestManagement } from '../fakes/test-management.ts';
import { commonStatuses, expectedStatuses, routesBelow } from './common-statuses.ts';

const USD = 1_000_000_000;

let world: TestManagement;
beforeAll(async () => {
  world = await TestManagement.start({ config: { timeZone: 'Europe/Berlin' } });
  await storeProfile(world.app.credentials(), world.simulator, 'work', world.app.now());
  await world.socket.post('/agents', { id: 'worker' });
});
afterAll(() => world[Symbol.asyncDispose]());

const put = (name: string, body: object) => world.socket.call('PUT', `/budgets/${name}`, { body });
const remove = (name: string) => world.socket.call('DELETE', `/budgets/${name}`);
const configFile = () => join(world.home, 'moltbot.json');

async function ask(): Promise<[number, string | null]> {
  const { token } = (await world.socket.post('/agents/main/tokens', {})).body as { token: string };
  const { status, headers } = await fetch(`${world.gateway.url}/v1/proxy/anthropic/v1/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  return [status, headers.get('x-moltbot-error')];
}

async function nextOf(events: EventReader, name: string): Promise<ReadEvent['data']> {
  for (;;) {
    const event = await events.next();
    if (!event) throw new Error(`The stream ended before ${name}.`);
    if (event.event === name) return event.data;
  }
}

describe('budgets over the API', () => {
  it('are set as a whole, shown with what is spent and left, and removed', async () => {
    expect((await world.socket.get('/budgets')).body).toEqual({ items: [], nextCursor: null });
    await writeRows(world.app.stores().database, world.app.now(), [{ ...costing(USD), agentId: 'worker' }]);
    const answer = await put('worker', { usd: 5, per: 'day', alertAt: [0.5] });
    const { startMs: startsAt, endMs: endsAt } = windowAt('day', 'Europe/Berlin', world.app.now());
    const budget = {
      name: 'worker',
      scope: { agent: 'worker' },
      unit: 'nanoUsd',
      per: 'day',
      timeZone: 'Europe/Berlin',
      enforcement: 'soft',
      alertAt: [0.5],
      unpricedNanoUsd: null,
      amount: 5 * USD,
      spent: USD,
      reserved: 0,
      remaining: 4 * USD,
      simulated: 0,
      held: 0,
      unpriced: 0,
      state: 'open',
      usedUpSince: null,
      window: { startsAt, endsAt },
      emptyAt: expect.toBeOneOf([null, expect.any(Number)]),
      usd: { amount: '5.000000', spent: '1.000000', reserved: '0.000000', remaining: '4.000000' },
      overshoot: null,
      overshootUsd: null,
      largestRequest: null,
    };
    expect(answer).toMatchObject({ status: 200, body: budget });
    expect((await world.socket.get('/budgets/worker')).body).toEqual(budget);
    const everything = await put('everything', { scope: 'everything', requests: 9, per: 'total', enforcement: 'hard' });
    expect(everything.body).toMatchObject({ scope: {}, unit: 'requests', overshoot: 0, usd: null });
    const page = await world.socket.get('/budgets?limit=1');
    expect(page.body).toMatchObject({ items: [{ name: 'worker' }], nextCursor: expect.any(String) });
    await put('worker', { tokens: 100, per: 'week' });
    expect(JSON.parse(readFileSync(configFile(), 'utf8')).budgets.worker).toEqual({ tokens: 100, per: 'week' });
    expect([(await remove('worker')).status, (await remove('worker')).status]).toEqual([204, 404]);
    expect((await remove('everything')).status).toBe(204);
    expect((await world.socket.get('/budgets')).body).toEqual({ items: [], nextCursor: null });
  });

  it.each<[string, object, number]>([
    ['worker', { per: 'day' }, 422],
    ['worker', { usd: 1, tokens: 1, per: 'day' }, 422],
    ['worker', { usd: -1, per: 'day' }, 422],
    ['worker', { usd: 1, per: 'year' }, 422],
    ['worker', { usd: 1, per: 'day', limit: 1 }, 422],
    ['Worker', { usd: 1, per: 'day' }, 422],
    ['worker', { usd: 1, per: 'day', scope: { model: 'nothing-known' } }, 400],
    ['worker', { tokens: 1, per: 'day', unpricedUsd: 1 }, 400],
    ['nobody', { usd: 1, per: 'day' }, 404],
    ['cap', { usd: 1, per: 'day', scope: { agent: 'nobody' } }, 404],
  ])('refuses PUT /budgets/%s %j with %i', async (name, body, status) => {
    const before = readFileSync(configFile(), 'utf8');
    expect((await put(name, body)).status).toBe(status);
    expect(readFileSync(configFile(), 'utf8')).toBe(before);
  });

  it('ask for the guard passphrase before more may be spent, and before nothing else', async () => {
    await put('worker', { usd: 5, per: 'day', enforcement: 'hard' });
    const { database } = world.app.stores();
    new Guard(database).set(new Secret('open sesame'));
    const asks = async (call: Promise<{ status: number; headers: Record<string, unknown> }>) =>
      (await call).headers['x-moltbot-error'] === 'GUARD_REFUSED';
    const hard = { per: 'day', enforcement: 'hard' };
    expect({
      raised: await asks(put('worker', { ...hard, usd: 6 })),
      softened: await asks(put('worker', { usd: 5, per: 'day' })),
      removed: await asks(remove('worker')),
      lowered: await asks(put('worker', { ...hard, usd: 4 })),
      added: await asks(put('everything', { ...hard, usd: 100, scope: 'everything' })),
    }).toEqual({ raised: true, softened: true, removed: true, lowered: false, added: false });
    expect(await asks(world.tcp().call('DELETE', '/budgets/everything'))).toBe(false);
    new Guard(database).remove();
    await remove('worker');
  });
});

describe('a budget that a request uses up', () => {
  it('pauses its agent in every face and tells so, until it is raised', async () => {
    const { key } = (await world.socket.post('/admin-keys', { role: 'admin' })).body as { key: string };
    const events = await readEvents(`${world.management.url}/api/v1/events`, { authorization: `Bearer ${key}` });
    await put('main', { requests: 1, per: 'total' });
    await vi.waitFor(async () => expect(await ask()).toEqual([402, 'BUDGET_USED_UP']), {
      timeout: 5_000,
      interval: 100,
    });
    const usedUp = { budget: 'main', at: expect.any(Number), unit: 'requests', amount: 1 };
    expect(await nextOf(events, 'budget.used_up')).toMatchObject(usedUp);
    const pause = {
      cause: 'budget',
      reason: expect.stringMatching(
        /^Budget "main" is used up: \d+ requests? of 1 request\. It does not reset by itself\.$/,
      ),
      since: expect.any(Number),
      by: 'gateway',
      budget: 'main',
      until: null,
      command: 'moltbot budget set main --requests 2',
    };
    const get = async (path: string) => (await world.socket.get(path)).body;
    expect(await get('/agents/main')).toMatchObject({ state: 'paused', pause });
    expect(await get('/agents/worker')).toMatchObject({ state: 'active', pause: null });
    expect(await get('/status')).toMatchObject({ pause, budgets: [{ name: 'main', state: 'used_up' }] });
    expect(await get('/gates')).toMatchObject({ stopping: expect.arrayContaining(['budget']) });
    expect((await world.socket.post('/resume', { agent: 'main' })).body).toEqual({
      agentId: 'main',
      paused: true,
      changed: false,
      budgets: [pause],
      tests: [],
    });
    await put('main', { requests: 1_000, per: 'total' });
    expect(await nextOf(events, 'budget.opened')).toMatchObject({ budget: 'main', amount: 1_000 });
    expect((await ask())[0]).toBe(200);
    expect(await get('/agents/main')).toMatchObject({ state: 'active', pause: null });
    await events.close();
  });
});

describe('GET /usage', () => {
  it('is what the command line reports', async () => {
    const day = 24 * 3_600_000;
    await using other = await TestManagement.start();
    await writeRows(other.app.stores().database, other.app.now() - day / 2, [
      costing(19_750_000),
      { agentId: 'worker' },
      { admittedAtMs: other.app.now() - 3 * day },
    ]);
    const usage = async (query: string) => (await other.socket.get(`/usage${query}`)).body;
    expect(await usage('?since=1d&by=agent')).toMatchObject({
      schemaVersion: 1,
      since: expect.any(Number),
      by: 'agent',
      timeZone: 'UTC',
      items: [
        { agent: 'main', requests: 1, costNanoUsd: 19_750_000, costUsd: '0.019750' },
        { agent: 'worker', requests: 1, costUsd: '0.000020' },
      ],
      total: { requests: 2, costUsd: '0.019770' },
      simulated: 0,
    });
    expect(await usage('?agent=worker&by=label')).toMatchObject({ items: [{ label: 'project=web', wastedUsd: null }] });
    expect(await usage('')).toMatchObject({ total: { requests: 3 } });
    expect((await other.socket.get('/usage?by=planet')).status).toBe(422);
    expect((await other.socket.get('/usage?since=soon')).status).toBe(422);
  });
});

it('every documented status of budgets and usage is produced here', async () => {
  await using fresh = await TestManagement.start();
  const { socket } = fresh;
  const five = { usd: 5, per: 'day' };
  const calls: [string, string, object?][] = [
    ['GET', '/budgets'],
    ['PUT', '/budgets/main', five],
    ['PUT', '/budgets/nobody', five],
    ['PUT', '/budgets/main', { ...five, scope: { model: 'x' } }],
    ['GET', '/budgets/main'],
    ['GET', '/budgets/nobody'],
    ['DELETE', '/budgets/nobody'],
    ['DELETE', '/budgets/main'],
    ['GET', '/usage'],
  ];
  for (const [method, path, body] of calls) await socket.call(method, path, { body });
  const routes = routesBelow(socket, '/budgets').concat({ method: 'GET', path: '/usage' });
  expect(await commonStatuses(fresh, routes)).toEqual(expectedStatuses(routes));
  expect(socket.unseen('/budgets').concat(socket.unseen('/usage').filter((name) => !name.includes('cache')))).toEqual(
    [],
  );
});
