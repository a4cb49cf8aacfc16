import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approveEnrollment, denyEnrollment } from '../../src/agents/change-enrollments.ts';
import { type Enrollment, EnrollmentStore } from '../../src/agents/enrollment-store.ts';
import { booksOver } from '../fakes/agent-books.ts';
import { findCanary } from '../fakes/canary.ts';
import { TestGateway } from '../fakes/test-gateway.ts';

interface Asked {
  readonly id: string;
  readonly code: string;
  readonly pollToken: string;
  readonly expiresAt: number;
}

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await TestGateway.start();
});
afterAll(() => gateway[Symbol.asyncDispose]());
beforeEach(() => {
  gateway.database.run('DELETE FROM enrollments');
  gateway.move(10_001);
});

const wish = { name: 'builder', providers: ['anthropic'], reason: 'builds things' };
const by = () => ({ actor: 'person:ann', nowMs: gateway.now() }) as const;
const post = (body: unknown) =>
  fetch(`${gateway.url}/v1/enrollments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const asked = async (body: unknown = wish) => (await (await post(body)).json()) as Asked;
const poll = async ({ id, pollToken }: Asked) => {
  const response = await fetch(`${gateway.url}/v1/enrollments/${id}`, {
    headers: { authorization: `Bearer ${pollToken}` },
  });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
};
const shown = ({ id }: Asked): Enrollment => new EnrollmentStore(gateway.database).find(id, gateway.now())!;

describe('an enrolment over HTTP', () => {
  it('is answered 201 with a code and a poll token, then waits', async () => {
    const response = await post(wish);
    const answer = (await response.json()) as Asked;
    expect([response.status, response.headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(answer).toEqual({
      id: expect.stringMatching(/^enr_/),
      code: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
      pollToken: expect.stringMatching(/^mbp_/),
      expiresAt: expect.any(Number),
    });
    expect(await poll(answer)).toEqual({
      status: 200,
      answer: { id: answer.id, state: 'pending', expiresAt: answer.expiresAt },
    });
    expect(shown(answer).source).toBe('127.0.0.1');
  });

  it('gives the agent key once, made when it is fetched, and it works', async () => {
    const mine = await asked({ ...wish, name: 'fetcher' });
    approveEnrollment(booksOver(gateway.database), shown(mine), {}, by());
    expect(gateway.database.all('SELECT id FROM agent_keys')).toEqual([]);
    const answers = await Promise.all(Array.from({ length: 20 }, () => poll(mine)));
    const keys = answers.flatMap(({ answer }) => (answer.agentKey === undefined ? [] : [String(answer.agentKey)]));
    expect(keys).toEqual([expect.stringMatching(/^mba_/)]);
    expect(answers.filter(({ answer }) => answer.state === 'collected')).toHaveLength(19);
    const token = await fetch(`${gateway.url}/v1/tokens`, { method: 'POST', headers: { 'x-api-key': keys[0]! } });
    expect([token.status, ((await token.json()) as { agentId: string }).agentId]).toEqual([200, 'fetcher']);
    const texts = { log: gateway.logLines.join('\n') };
    for (const secret of [keys[0]!, mine.pollToken])
      expect(findCanary(secret, { directories: [gateway.home], texts })).toEqual([]);
  });

  it('says so when it is denied, and its name is free again', async () => {
    const mine = await asked();
    denyEnrollment(booksOver(gateway.database), shown(mine), by());
    expect((await poll(mine)).answer).toMatchObject({ state: 'denied' });
    expect((await post(wish)).status).toBe(201);
  });

  it('answers a wrong poll token like an unknown enrolment and like one whose time is over', async () => {
    const mine = await asked();
    const other = await asked({ ...wish, name: 'somebody-else' });
    const refusals = [
      await poll({ ...mine, pollToken: other.pollToken }),
      await poll({ ...mine, id: 'enr_00000000000000000000' }),
      await poll({ ...mine, pollToken: 'mbp_wrong' }),
    ];
    gateway.move(3_600_000);
    refusals.push(await poll(mine));
    const texts = refusals.map(({ status, answer }) => `${status} ${JSON.stringify(answer)}`);
    expect(new Set(texts.map((text) => text.replace(/mbr_[0-9a-f]{24}/, 'ID'))).size).toBe(1);
    expect(refusals[0]!.status).toBe(401);
  });

  it.each([
    [{ ...wish, name: 'Builder' }, 422],
    [{ ...wish, name: 'build\u001ber' }, 422],
    [{ ...wish, name: 'bu\u0456lder' }, 422],
    [{ ...wish, name: 'a'.repeat(64) }, 422],
    [{ ...wish, name: 'main' }, 409],
    [{ ...wish, name: 'rnain' }, 409],
    [{ ...wish, providers: [] }, 422],
    [{ ...wish, providers: ['nobody'] }, 404],
    [{ ...wish, reason: 'a\nb' }, 422],
    [{ ...wish, reason: 'a\u202eb' }, 422],
    [{ ...wish, reason: 'x'.repeat(301) }, 422],
    [{ ...wish, approve: true }, 422],
    [{ name: 'builder' }, 422],
  ])('refuses %j', async (body, status) => {
    expect((await post(body)).status).toBe(status);
    expect(new EnrollmentStore(gateway.database).pending(gateway.now())).toEqual([]);
  });

  it('is refused while too many of one address wait', async () => {
    const statuses: number[] = [];
    for (const name of ['alpha', 'bravo', 'charlie', 'delta', 'echo', 'foxtrot'])
      statuses.push((await post({ ...wish, name })).status);
    expect(statuses).toEqual([201, 201, 201, 201, 201, 429]);
  });

  it('throttles who tries out which names are taken', async () => {
    const statuses = new Set<number>();
    for (let n = 0; n < 60; n++) statuses.add((await post({ ...wish, name: 'main' })).status);
    expect([...statuses]).toEqual([409, 429]);
  });
});
