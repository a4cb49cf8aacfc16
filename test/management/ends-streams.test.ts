import { describe, expect, it } from 'vitest';
import { storeProfile } from '../fakes/simulated-profiles.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import { TestManagement } from '../fakes/test-management.ts';

/** One second is promised; the rest is for a busy machine. */
const SOON_MS = 2_000;

/** An answer that has begun and would never end by itself. */
async function openStream({ gateway }: TestManagement, token: string) {
  const response = await fetch(`${gateway.url}/v1/proxy/anthropic/v1/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify({ ...SMALL, stream: true }),
  });
  return { status: response.status, text: response.text() };
}

describe('what is ended over the API ends running answers within a second', () => {
  it.each([
    ['a token', 'POST', '/tokens/revoke', 'accessor', 'TOKEN_REVOKED'],
    ['the tokens of an agent', 'POST', '/tokens/revoke', { agent: 'worker' }, 'TOKEN_REVOKED'],
    ['an agent', 'DELETE', '/agents/worker', undefined, 'TOKEN_REJECTED'],
    ['an enrolment', 'POST', '/agents/worker/unenroll', undefined, 'TOKEN_REVOKED'],
    ['a grant', 'POST', '/grants/revoke', { profile: 'anthropic:work', to: 'worker' }, 'NO_CREDENTIALS'],
  ])('%s', async (_what, method, path, body, nextError) => {
    await using world = await TestManagement.start({
      script: { rules: [{ fail: { kind: 'silence', afterEvents: 2 } }] },
    });
    const { socket } = world;
    await storeProfile(world.app.credentials(), world.simulator, 'work', world.app.now());
    await storeProfile(
      world.app.credentials(),
      world.simulator,
      { name: 'own', provider: 'xai', agentId: 'worker' },
      world.app.now(),
    );
    await socket.post('/grants', { profile: 'anthropic:work', to: 'worker' });
    const made = await socket.post('/agents/worker/tokens', {});
    const { token, accessor } = made.body as { token: string; accessor: string };
    const stream = await openStream(world, token);
    expect(stream.status).toBe(200);
    const ended = await socket.call(method, path, { body: body === 'accessor' ? { accessor } : body });
    expect(ended.status).toBeLessThan(300);
    const endedAtMs = performance.now();
    expect(await stream.text).toContain('event: error');
    expect(performance.now() - endedAtMs).toBeLessThan(SOON_MS);
    const next = await fetch(`${world.gateway.url}/v1/proxy/anthropic/v1/models`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect([next.status, next.headers.get('x-moltbot-error')]).toEqual([401, nextError]);
  });
});
