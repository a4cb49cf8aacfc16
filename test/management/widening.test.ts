import { expect, it } from 'vitest';
import { Guard } from '../../src/agents/guard.ts';
import { Secret } from '../../src/core/secret.ts';
import { storeProfile } from '../fakes/simulated-profiles.ts';
import { TestManagement } from '../fakes/test-management.ts';

const GRANT = { profile: 'anthropic:work', to: 'worker' };
const APPROVAL = { enrollmentId: `enr_${'0'.repeat(20)}`, digest: '0'.repeat(64) };

it('asks for the guard passphrase before anything that widens what agents may do, and before nothing else', async () => {
  await using world = await TestManagement.start();
  await storeProfile(world.app.credentials(), world.simulator, 'work', world.app.now());
  const terms = { policy: { providers: ['anthropic', 'xai'] }, expiresAt: world.app.now() + 60_000 };
  await world.socket.post('/agents', { id: 'worker', ...terms });
  new Guard(world.app.stores().database).set(new Secret('open sesame'));
  const before = (await world.socket.get('/agents')).body;
  const asks = async (method: string, path: string, body: object) =>
    (await world.socket.call(method, path, { body })).headers['x-moltbot-error'] === 'GUARD_REFUSED';
  expect({
    terms: await asks('PATCH', '/agents/worker', { policy: {} }),
    expiry: await asks('PATCH', '/agents/worker', { expiresAt: null }),
    key: await asks('POST', '/agents/worker/keys', {}),
    token: await asks('POST', '/agents/worker/tokens', {}),
    approve: await asks('POST', '/approvals', { decision: 'approve', ...APPROVAL }),
    grant: await asks('POST', '/grants', GRANT),
    resume: await asks('POST', '/resume', { agent: 'worker' }),
    resumeAll: await asks('POST', '/resume', { all: true }),
  }).toEqual({
    terms: true,
    expiry: true,
    key: true,
    token: true,
    approve: true,
    grant: true,
    resume: true,
    resumeAll: true,
  });
  expect((await world.socket.get('/agents')).body).toEqual(before);
  expect({
    narrower: await asks('PATCH', '/agents/worker', { policy: { providers: ['xai'] } }),
    sooner: await asks('PATCH', '/agents/worker', { expiresAt: world.app.now() + 30_000 }),
    labels: await asks('PATCH', '/agents/worker', { labels: { team: 'core' } }),
    ownToken: await asks('POST', '/agents/main/tokens', {}),
    deny: await asks('POST', '/approvals', { decision: 'deny', ...APPROVAL }),
    endGrant: await asks('POST', '/grants/revoke', GRANT),
    pause: await asks('POST', '/pause', { agent: 'worker' }),
    revoke: await asks('POST', '/tokens/revoke', { all: true }),
    remove: (await world.socket.call('DELETE', '/agents/worker')).status === 403,
  }).toEqual({
    narrower: false,
    sooner: false,
    labels: false,
    ownToken: false,
    deny: false,
    endGrant: false,
    pause: false,
    revoke: false,
    remove: false,
  });
});
