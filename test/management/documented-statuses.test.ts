import { expect, it } from 'vitest';
import { damageVault } from '../fakes/damage-vault.ts';
import { readEvents } from '../fakes/read-events.ts';
import { storeProfile } from '../fakes/simulated-profiles.ts';
import { TestManagement } from '../fakes/test-management.ts';
import { commonStatuses, expectedStatuses, routesBelow } from './common-statuses.ts';

const MINE = ['agents', 'tokens', 'enrollments', 'approvals', 'grants', 'pause', 'resume', 'gates', 'status', 'audit'];
const PREFIXES = [...MINE, 'alerts', 'metrics', 'events'].map((name) => `/${name}`);
const WORK = { profile: 'anthropic:work', to: 'worker' };

it('every documented status of agents, tokens, grants, audit, alerts, metrics and events is produced here', async () => {
  await using world = await TestManagement.start();
  await storeProfile(world.app.credentials(), world.simulator, 'work', world.app.now());
  await storeProfile(world.app.credentials(), world.simulator, { name: 'own', agentId: 'stuck' }, world.app.now());
  const { socket } = world;
  await fetch(`${world.gateway.url}/v1/enrollments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'builder', providers: ['anthropic'] }),
  });
  const { items } = (await socket.get('/enrollments')).body as { items: { id: string; digest: string }[] };
  const approve = { decision: 'approve', enrollmentId: items[0]!.id, digest: items[0]!.digest };
  const calls: [string, string, object?][] = [
    ['POST', '/agents', { id: 'worker' }],
    ['POST', '/agents', { id: 'worker' }],
    ['POST', '/agents', { id: 'other', policy: { providers: ['nobody'] } }],
    ['GET', '/agents'],
    ['GET', '/agents/worker'],
    ['GET', '/agents/nobody'],
    ['PATCH', '/agents/worker', { labels: { team: 'core' } }],
    ['PATCH', '/agents/worker', { policy: { models: ['x'] } }],
    ['PATCH', '/agents/nobody', { labels: {} }],
    ['GET', '/agents/worker/keys'],
    ['GET', '/agents/nobody/keys'],
    ['POST', '/agents/worker/keys', {}],
    ['POST', '/agents/nobody/keys', {}],
    ['GET', '/agents/worker/tokens'],
    ['GET', '/agents/nobody/tokens'],
    ['POST', '/agents/worker/tokens', {}],
    ['POST', '/agents/worker/tokens', { ttl: '1d' }],
    ['POST', '/agents/nobody/tokens', {}],
    ['GET', '/tokens'],
    ['POST', '/tokens/revoke', { agent: 'worker' }],
    ['POST', '/tokens/revoke', { agent: 'nobody' }],
    ['POST', '/approvals', { ...approve, digest: '0'.repeat(64) }],
    ['POST', '/approvals', { ...approve, providers: ['xai'] }],
    ['POST', '/approvals', { ...approve, enrollmentId: `enr_${'0'.repeat(20)}` }],
    ['POST', '/approvals', approve],
    ['POST', '/grants', WORK],
    ['POST', '/grants', { ...WORK, to: 'main' }],
    ['POST', '/grants', { ...WORK, to: 'nobody' }],
    ['GET', '/grants'],
    ['POST', '/grants/revoke', WORK],
    ['POST', '/grants/revoke', WORK],
    ...['/pause', '/resume'].flatMap((path): [string, string, object][] => [
      ['POST', path, { agent: 'worker' }],
      ['POST', path, { agent: 'nobody' }],
    ]),
    ...['/gates', '/status'].flatMap((path): [string, string][] => [
      ['GET', path],
      ['GET', `${path}?agent=nobody`],
    ]),
    ['POST', '/agents/worker/unenroll'],
    ['POST', '/agents/nobody/unenroll'],
    ['DELETE', '/agents/builder'],
    ['DELETE', '/agents/main'],
    ['DELETE', '/agents/nobody'],
    ['GET', '/audit'],
    ['GET', '/audit/verify'],
    ['GET', '/audit/verify?head=x'],
    ['GET', '/alerts'],
    ['GET', '/metrics'],
  ];
  for (const [method, path, body] of calls) await socket.call(method, path, { body });
  const { key } = (await socket.post('/admin-keys', { role: 'owner' })).body as { key: string };
  const streams = await Promise.all(
    Array.from({ length: 32 }, () => readEvents(`${world.management.url}/events`, { authorization: `Bearer ${key}` })),
  );
  expect(streams.map(({ response }) => response.status)).toEqual(streams.map(() => 200));
  socket.seen.add('GET /events 200');
  await socket.get('/events');
  await Promise.all(streams.map((events) => events.close()));
  damageVault(world);
  await socket.call('DELETE', '/agents/stuck');
  await socket.get('/audit/verify');
  const routes = routesBelow(socket, ...PREFIXES);
  for (let at = 0; at < routes.length; at += 20) {
    // Failures are throttled: each group comes in a window of its own.
    world.clock.offsetMs += 20_000;
    const group = routes.slice(at, at + 20);
    expect(await commonStatuses(world, group)).toEqual(expectedStatuses(group));
  }
  expect(socket.unseen(...PREFIXES)).toEqual([]);
}, 60_000);
