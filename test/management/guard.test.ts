import { describe, expect, it } from 'vitest';
import { Guard } from '../../src/agents/guard.ts';
import { Secret } from '../../src/core/secret.ts';
import { TestManagement } from '../fakes/test-management.ts';

const PASSPHRASE = 'grüne Tür 7';
/** As curl sends it: the bytes of its UTF-8. */
const AS_SENT = Buffer.from(PASSPHRASE).toString('latin1');
const NEW_KEY = { role: 'admin' };

describe('the guard passphrase on the socket', () => {
  it('is asked for what widens, and for nothing else', async () => {
    await using world = await TestManagement.start();
    new Guard(world.app.stores().database).set(new Secret(PASSPHRASE));
    const refused = await world.socket.post('/admin-keys', NEW_KEY);
    expect([refused.status, refused.headers['x-moltbot-error'], refused.body]).toEqual([
      403,
      'GUARD_REFUSED',
      {
        detail:
          'The guard passphrase is needed to make an admin key. Send it as the header x-moltbot-guard, or use the command line at a terminal.',
      },
    ]);
    const wrong = await world.socket.post('/admin-keys', NEW_KEY, { 'x-moltbot-guard': 'open up' });
    expect([wrong.status, wrong.headers['x-moltbot-error']]).toEqual([403, 'GUARD_REFUSED']);
    const made = await world.socket.post('/admin-keys', NEW_KEY, { 'x-moltbot-guard': AS_SENT });
    expect(made.status).toBe(201);
    const { id } = made.body as { id: string };
    expect((await world.socket.call('DELETE', `/admin-keys/${id}`)).status).toBe(204);
    const actions = world.app
      .stores()
      .audit.after({ afterSeq: 1, limit: 10 })
      .map(({ action }) => action);
    expect(actions).toEqual(['guard.refused', 'admin_key.created', 'admin_key.revoked']);
  });

  it('is asked for a new base URL of a credential', async () => {
    await using world = await TestManagement.start();
    new Guard(world.app.stores().database).set(new Secret(PASSPHRASE));
    const request = (name: string, extra: object = {}) => ({
      provider: 'anthropic',
      profile: `anthropic:${name}`,
      auth_data: { api_key: world.simulator.issueKey('anthropic', name), ...extra },
    });
    const elsewhere = { base_url: world.simulator.baseUrls.anthropic };
    expect((await world.socket.post('/credentials', request('plain'))).status).toBe(201);
    expect((await world.socket.post('/credentials', request('moved', elsewhere))).status).toBe(403);
    expect(
      (await world.socket.post('/credentials/test-temporary', { ...request('moved', elsewhere), profile: undefined }))
        .status,
    ).toBe(403);
  });

  it('is not asked of an admin key over TCP', async () => {
    await using world = await TestManagement.start();
    new Guard(world.app.stores().database).set(new Secret(PASSPHRASE));
    expect((await world.tcp('owner').post('/admin-keys', NEW_KEY)).status).toBe(201);
  });

  it('is not looked at for a while after five wrong ones', async () => {
    await using world = await TestManagement.start();
    new Guard(world.app.stores().database).set(new Secret(PASSPHRASE));
    const tryIt = async (passphrase: string) =>
      (await world.socket.post('/admin-keys', NEW_KEY, { 'x-moltbot-guard': passphrase })).status;
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push(await tryIt(`no ${i}`));
    statuses.push(await tryIt(AS_SENT));
    world.clock.offsetMs = 60_000;
    statuses.push(await tryIt(AS_SENT));
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429, 201]);
  });
});
