import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EventReader, readEvents } from '../fakes/read-events.ts';
import { storeProfile } from '../fakes/simulated-profiles.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import { TestManagement } from '../fakes/test-management.ts';

let world: TestManagement;
beforeAll(async () => {
  world = await TestManagement.start();
  for (const name of ['first', 'second'])
    await storeProfile(world.app.credentials(), world.simulator, name, world.app.now());
});
afterAll(() => world[Symbol.asyncDispose]());

async function ask(): Promise<number> {
  const { token } = (await world.socket.post('/agents/main/tokens', {})).body as { token: string };
  const headers = { authorization: `Bearer ${token}`, 'anthropic-version': '2023-06-01' };
  const answer = await fetch(`${world.gateway.url}/v1/proxy/anthropic/v1/messages`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(SMALL),
  });
  await answer.text();
  return answer.status;
}

async function listen(): Promise<EventReader> {
  const { key } = (await world.socket.post('/admin-keys', { role: 'admin' })).body as { key: string };
  return readEvents(`${world.management.url}/api/v1/events`, { authorization: `Bearer ${key}` });
}

/** The next event about the pause of an agent. */
async function nextPause(events: EventReader) {
  for (;;) {
    const event = await events.next();
    if (!event || /^agent\./.test(event.event)) return event;
  }
}

it('tells listeners when a provider’s spend limit pauses an agent and when that is over, and new ones that it is so', async () => {
  const events = await listen();
  world.simulator.setScript({ rules: [{ fail: { kind: 'error', error: 'billing' } }] });
  expect(await ask()).toBe(402);
  const begun = await nextPause(events);
  expect(begun).toEqual({
    event: 'agent.paused',
    data: {
      agentId: 'main',
      cause: 'provider_spend_limit',
      reason: expect.stringMatching(/^No profile of anthropic is left: .* 402 billing_error, at .* UTC\.$/),
      since: expect.any(Number),
      by: 'gateway',
      provider: 'anthropic',
      until: expect.any(Number),
      nextTestAt: expect.any(Number),
      lastAnswer: { at: expect.any(Number), httpStatus: 402, errorType: 'billing_error' },
      profiles: ['anthropic:first', 'anthropic:second'],
    },
  });
  const later = await listen();
  expect(await nextPause(later)).toEqual(begun);
  world.simulator.setScript({});
  expect((await world.socket.post('/resume', { all: true })).body).toMatchObject({
    agentId: '*',
    paused: false,
    tests: [{ result: 'passed' }, { result: 'passed' }],
  });
  const over = { agentId: 'main', cause: 'provider_spend_limit', provider: 'anthropic' };
  for (const each of [events, later]) {
    expect(await nextPause(each)).toEqual({ event: 'agent.resumed', data: over });
    await each.close();
  }
  expect(await ask()).toBe(200);
});
