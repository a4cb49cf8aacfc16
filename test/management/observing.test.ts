import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readMetrics } from '../fakes/metrics.ts';
import { readEvents } from '../fakes/read-events.ts';
import { storeProfile } from '../fakes/simulated-profiles.ts';
import { TestManagement } from '../fakes/test-management.ts';

/** One second is promised; the rest is for a busy machine. */
const SOON_MS = 2_000;

let world: TestManagement;
beforeAll(async () => {
  world = await TestManagement.start();
  await storeProfile(world.app.credentials(), world.simulator, 'work', world.app.now());
});
afterAll(() => world[Symbol.asyncDispose]());

const newKey = async () =>
  (await world.socket.post('/admin-keys', { role: 'admin' })).body as { id: string; key: string };
const listen = (key: string, headers: Record<string, string> = {}) =>
  readEvents(`${world.management.url}/api/v1/events`, { authorization: `Bearer ${key}`, ...headers });

describe('GET /events', () => {
  it('tells over TCP what is decided, without secrets, and goes on where a listener left', async () => {
    const { key } = await newKey();
    const events = await listen(key);
    expect([events.response.status, events.response.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
    const { token } = (await world.socket.post('/agents/main/tokens', {})).body as { token: string };
    const issued = await events.next();
    expect(issued).toMatchObject({ event: 'audit', data: { action: 'token.issued' } });
    await events.close();
    await world.socket.post('/agents', { id: 'meanwhile' });
    const again = await listen(key, { 'last-event-id': issued!.id! });
    expect(await again.next()).toMatchObject({ event: 'audit', data: { action: 'agent.added', subject: 'meanwhile' } });
    expect(events.text() + again.text()).not.toContain(token.slice(4));
    await again.close();
  });

  it('ends within a second when the admin key is revoked', async () => {
    const { id, key } = await newKey();
    const events = await listen(key);
    await world.socket.call('DELETE', `/admin-keys/${id}`);
    const revokedAtMs = performance.now();
    while ((await events.next())?.event !== 'end');
    expect(performance.now() - revokedAtMs).toBeLessThan(SOON_MS);
    expect(events.text()).toContain('{"cause":"key_revoked"}');
    expect(await events.next()).toBeUndefined();
  });

  it('forgets listeners that left, and refuses the thirty-third', async () => {
    const { key } = await newKey();
    const open = await Promise.all(Array.from({ length: 32 }, () => listen(key)));
    const refused = await world.withKey(key).get('/events');
    expect([refused.status, refused.headers['x-moltbot-error']]).toEqual([429, 'LIMIT_REACHED']);
    await Promise.all(open.map((events) => events.close()));
    await vi.waitFor(async () => {
      const events = await listen(key);
      await events.close();
      expect(events.response.status).toBe(200);
    });
  });

  it('keeps nothing open for who asks for the head only', async () => {
    for (let i = 0; i < 40; i++) expect((await world.socket.call('HEAD', '/events')).status).toBe(200);
  });

  it('is served on the socket, too', async () => {
    const outgoing = request({ socketPath: world.management.socket, path: '/events' }).end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    const [first] = (await once(response, 'data')) as [Buffer];
    expect([response.statusCode, first.toString()]).toEqual([200, ': still here\n\n']);
    outgoing.destroy();
  });

  it.each(['-1', 'x', '1e3', '99999999999999999'])('refuses %s as the last event', async (id) => {
    const refused = await world.socket.get('/events', { headers: { 'last-event-id': id } });
    expect([refused.status, refused.body]).toMatchObject([422, { detail: [{ loc: ['header', 'last-event-id'] }] }]);
  });
});

describe('GET /metrics', () => {
  it('gives the counts of the proxy beside it, and nothing that names anybody', async () => {
    const { token } = (await world.socket.post('/agents/main/tokens', {})).body as { token: string };
    const response = await fetch(`${world.gateway.url}/v1/proxy/anthropic/v1/models`, {
      headers: { authorization: `Bearer ${token}`, 'anthropic-version': '2023-06-01' },
    });
    await response.text();
    await vi.waitFor(async () => {
      const answer = await world.tcp('admin').get('/metrics');
      expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      const { samples } = readMetrics(answer.body as string);
      const served = 'provider="anthropic",route="models",status="2xx",outcome="ok",ending="complete"';
      expect(samples.get(`moltbot_requests_total{${served}}`)).toBe(1);
      expect(answer.body).not.toMatch(/mbt_|mbm_|main|work/);
    });
  });

  it('is not on the proxy listener', async () => {
    expect((await fetch(`${world.gateway.url}/api/v1/metrics`)).status).toBe(404);
    expect((await fetch(`${world.gateway.url}/metrics`)).status).toBe(404);
  });
});
