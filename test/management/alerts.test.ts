import { expect, it } from 'vitest';
import { MESSAGE } from '../fakes/alert-message.ts';
import { readEvents } from '../fakes/read-events.ts';
import { TestManagement } from '../fakes/test-management.ts';

it('GET /alerts gives what people were told, newest first, page by page', async () => {
  await using world = await TestManagement.start();
  const { alerts } = world.app.gatewayStores();
  for (const id of ['alt_1', 'alt_2', 'alt_3']) alerts.add({ ...MESSAGE, id });
  const { kind, subject, text, detail, atMs } = MESSAGE;
  const shown = (id: string) => ({ id, at: atMs, kind, subject, text, detail });
  const first = (await world.socket.get('/alerts?limit=2')).body as { items: object[]; nextCursor: string };
  expect(first.items).toEqual([shown('alt_3'), shown('alt_2')]);
  const second = await world.socket.get(`/alerts?limit=2&cursor=${first.nextCursor}`);
  expect(second.body).toEqual({ items: [shown('alt_1')], nextCursor: null });
  expect((await world.socket.get('/alerts?cursor=bm9uc2Vuc2U')).status).toBe(422);
});

it('GET /events tells of an alert as it comes, and not of those before', async () => {
  await using world = await TestManagement.start();
  const { alerts } = world.app.gatewayStores();
  alerts.add({ ...MESSAGE, id: 'alt_before' });
  const key = (await world.socket.post('/admin-keys', { role: 'admin' })).body as { key: string };
  const events = await readEvents(`${world.management.url}/api/v1/events`, { authorization: `Bearer ${key.key}` });
  alerts.add({ ...MESSAGE, id: 'alt_now' });
  let event = await events.next();
  while (event?.event === 'audit') event = await events.next();
  const { kind, subject, text, detail, atMs } = MESSAGE;
  expect(event).toEqual({ event: 'alert', data: { id: 'alt_now', at: atMs, kind, subject, text, detail } });
  await events.close();
});
