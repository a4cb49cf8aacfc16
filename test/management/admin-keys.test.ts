import { describe, expect, it } from 'vitest';
import { TestManagement } from '../fakes/test-management.ts';
import { commonStatuses, expectedStatuses, routesBelow } from './common-statuses.ts';

describe('admin keys over the API', () => {
  it('are made, listed without the key, work, and end at once when revoked', async () => {
    await using world = await TestManagement.start();
    const made = await world.socket.post('/admin-keys', { role: 'admin', label: 'ci' });
    expect(made.status).toBe(201);
    const { key, ...record } = made.body as { id: string; key: string };
    expect(key).toMatch(/^mbm_[0-9A-Za-z]{49}$/);
    const listed = await world.socket.get('/admin-keys');
    expect(listed.body).toEqual({ items: [record], nextCursor: null });
    expect((await world.withKey(key).get('/openapi.json')).status).toBe(200);
    expect((await world.socket.get('/admin-keys')).body).toMatchObject({ items: [{ lastUsedAt: expect.any(Number) }] });
    expect((await world.socket.call('DELETE', `/admin-keys/${record.id}`)).status).toBe(204);
    expect((await world.withKey(key).get('/openapi.json')).status).toBe(401);
    expect((await world.socket.call('DELETE', '/admin-keys/adm_none')).status).toBe(404);
    const rows = world.app
      .stores()
      .audit.after({ limit: 10 })
      .filter(({ action }) => action.startsWith('admin_key'));
    expect(rows.map(({ action, subject, detail }) => ({ action, subject, detail }))).toEqual([
      { action: 'admin_key.created', subject: record.id, detail: { role: 'admin', label: 'ci' } },
      { action: 'admin_key.revoked', subject: record.id, detail: {} },
    ]);
    const routes = routesBelow(world.socket, '/admin-keys', '/openapi.json');
    expect(await commonStatuses(world, routes)).toEqual(expectedStatuses(routes));
    expect(world.socket.unseen('/admin-keys', '/openapi.json')).toEqual([]);
  });

  it('are for owners only', async () => {
    await using world = await TestManagement.start();
    const admin = world.tcp('admin');
    const refused = [
      await admin.get('/admin-keys'),
      await admin.post('/admin-keys', { role: 'owner' }),
      await admin.call('DELETE', '/admin-keys/adm_none'),
    ];
    expect(refused.map(({ status, headers }) => [status, headers['x-moltbot-error']])).toEqual(
      refused.map(() => [403, 'ROLE_NOT_ALLOWED']),
    );
    expect((await admin.get('/credentials')).status).toBe(200);
    expect((await world.tcp('owner').post('/admin-keys', { role: 'owner' })).status).toBe(201);
  });
});
