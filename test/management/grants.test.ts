import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeProfile } from '../fakes/simulated-profiles.ts';
import { TestManagement } from '../fakes/test-management.ts';

let world: TestManagement;
beforeAll(async () => {
  world = await TestManagement.start();
  await storeProfile(world.app.credentials(), world.simulator, 'work', world.app.now());
  await world.socket.post('/agents', { id: 'reviewer' });
});
afterAll(() => world[Symbol.asyncDispose]());

const TO_REVIEWER = { profile: 'anthropic:work', to: 'reviewer' };

async function ask(token: string): Promise<number> {
  const response = await fetch(`${world.gateway.url}/v1/proxy/anthropic/v1/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  return response.status;
}

describe('grants over the API', () => {
  it('lend a profile that serves at once, are listed, and end at once', async () => {
    const made = await world.socket.post('/agents/reviewer/tokens', {});
    const { token } = made.body as { token: string };
    expect(await ask(token)).toBe(401);
    const granted = await world.socket.post('/grants', { ...TO_REVIEWER, models: ['claude-haiku-4-5'] });
    const grant = {
      agent: 'main',
      profile: 'anthropic:work',
      to: 'reviewer',
      grantedAs: 'main/anthropic:work',
      models: ['claude-haiku-4-5'],
      requestsPerMinute: null,
      createdAt: expect.any(Number),
      createdBy: expect.stringMatching(/^person:/),
    };
    expect([granted.status, granted.body]).toEqual([201, grant]);
    expect(await ask(token)).toBe(200);
    expect((await world.socket.get('/grants?to=reviewer&agent=main')).body).toEqual({
      items: [grant],
      nextCursor: null,
    });
    expect((await world.socket.get('/grants?to=main')).body).toEqual({ items: [], nextCursor: null });
    const pinned = await world.socket.post('/agents/reviewer/tokens', { profile: 'main/anthropic:work' });
    expect(pinned.body).toMatchObject({ profileId: 'main/anthropic:work' });
    expect((await world.socket.post('/grants/revoke', TO_REVIEWER)).status).toBe(204);
    expect(await ask(token)).toBe(401);
    expect((await world.socket.get('/grants')).body).toEqual({ items: [], nextCursor: null });
  });

  it.each([
    ['/grants', { ...TO_REVIEWER, to: 'main' }, 400],
    ['/grants', { ...TO_REVIEWER, models: ['grok-4-fast-of-nobody'] }, 404],
    ['/grants', { ...TO_REVIEWER, profile: 'anthropic:none' }, 404],
    ['/grants', { ...TO_REVIEWER, to: 'nobody' }, 404],
    ['/grants', { ...TO_REVIEWER, profile: 'main/anthropic:work' }, 422],
    ['/grants', { ...TO_REVIEWER, requestsPerMinute: -1 }, 422],
    ['/grants', { ...TO_REVIEWER, until: 1 }, 422],
    ['/grants/revoke', TO_REVIEWER, 404],
    ['/grants/revoke', { profile: 'anthropic:work' }, 422],
  ])('refuse POST %s %j with %i', async (path, body, status) => {
    expect((await world.socket.post(path, body)).status).toBe(status);
    expect((await world.socket.get('/grants')).body).toEqual({ items: [], nextCursor: null });
  });
});
