import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestManagement } from '../fakes/test-management.ts';

let world: TestManagement;
beforeAll(async () => {
  world = await TestManagement.start();
});
afterAll(() => world[Symbol.asyncDispose]());

interface Pending {
  readonly id: string;
  readonly digest: string;
}

/** Asks to be let in, as an agent elsewhere does, and gives what a person is shown. */
async function asked(name: string, wish: object = {}): Promise<Pending> {
  await fetch(`${world.gateway.url}/v1/enrollments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, providers: ['anthropic', 'xai'], reason: 'builds things', ...wish }),
  });
  const { items } = (await world.socket.get('/enrollments')).body as { items: (Pending & { name: string })[] };
  return items.find((each) => each.name === name)!;
}

const decide = (body: object) => world.socket.post('/approvals', body);

describe('enrolments over the API', () => {
  it('are listed with what is asked, and approved as shown or narrower', async () => {
    const { id, digest } = await asked('builder');
    expect((await world.socket.get('/enrollments')).body).toEqual({
      items: [
        {
          id,
          digest,
          code: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
          name: 'builder',
          providers: ['anthropic', 'xai'],
          models: null,
          reason: 'builds things',
          source: '127.0.0.1',
          askedAt: expect.any(Number),
          expiresAt: expect.any(Number),
        },
      ],
      nextCursor: null,
    });
    const approved = await decide({ decision: 'approve', enrollmentId: id, digest, providers: ['anthropic'] });
    const policy = { providers: ['anthropic'] };
    expect([approved.status, approved.body]).toEqual([200, { decision: 'approve', agentId: 'builder', policy }]);
    expect((await world.socket.get('/agents/builder')).body).toMatchObject({ policy });
    expect((await world.socket.get('/enrollments')).body).toEqual({ items: [], nextCursor: null });
  });

  it('are denied, and then are gone', async () => {
    const { id, digest } = await asked('stranger');
    const denied = await decide({ decision: 'deny', enrollmentId: id, digest });
    expect(denied.body).toEqual({ decision: 'deny', agentId: 'stranger', policy: null });
    expect((await decide({ decision: 'approve', enrollmentId: id, digest })).status).toBe(404);
    expect((await world.socket.get('/agents/stranger')).status).toBe(404);
  });

  it('are not approved when something else was shown, nor for more than was asked', async () => {
    const { id, digest } = await asked('modest', { providers: ['xai'] });
    const approve = { decision: 'approve', enrollmentId: id, digest };
    const answers = [
      await decide({ ...approve, digest: digest.replace(/^./, (first) => (first === '0' ? '1' : '0')) }),
      await decide({ ...approve, providers: ['anthropic'] }),
      await decide({ ...approve, decision: 'deny', providers: ['xai'] }),
      await decide({ ...approve, decision: 'maybe' }),
      await decide({ ...approve, enrollmentId: `enr_${'0'.repeat(20)}` }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([409, 400, 422, 422, 404]);
    expect((await world.socket.get('/agents/modest')).status).toBe(404);
    expect((await world.socket.get('/enrollments?cursor=x')).status).toBe(422);
  });
});
