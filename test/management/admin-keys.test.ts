import { describe, expect, it } from 'vitest';
import { TestManagement } from '../fakes/test-management.ts';

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
    expect((await world.socket.call('DELETE', `/admin-keys/${record.id}`)).status).toBe(204);
    expect((await world.withKey(key).get('/openapi.json')).status).toBe(401);
  });
});
