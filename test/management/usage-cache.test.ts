import { expect, it } from 'vitest';
import { TestManagement } from '../fakes/test-management.ts';
import { LOST_LINE, lostEveryTime, writeCached } from '../ledger/cache-advice/samples.ts';
import { commonStatuses, expectedStatuses } from './common-statuses.ts';

const HAIKU = 'anthropic/claude-haiku-4-5';

it('GET /usage/cache gives both bills of each model, of one agent where that is asked', async () => {
  const models = { [HAIKU]: { params: { cacheControlTtl: 'auto' } } };
  await using world = await TestManagement.start({ config: { agents: { defaults: { models } } } });
  const { socket } = world;
  expect((await socket.get('/usage/cache')).body).toEqual({ schemaVersion: 1, since: expect.any(Number), items: [] });
  await writeCached(world.app.stores().database, lostEveryTime(Date.now()));
  expect((await socket.get('/usage/cache?agent=nobody')).body).toMatchObject({ items: [] });
  expect((await socket.get('/usage/cache?agent=main&since=7d')).body).toEqual({
    schemaVersion: 1,
    since: expect.any(Number),
    items: [{ ...LOST_LINE, setting: 'auto' }],
  });
  const { items } = (await socket.get('/usage/cache?since=5m')).body as { items: object[] };
  expect(items).toEqual([]);
  expect((await socket.get('/usage/cache?since=soon')).status).toBe(422);
  const routes = [{ method: 'GET', path: '/usage/cache' }];
  expect(await commonStatuses(world, routes)).toEqual(expectedStatuses(routes));
});
