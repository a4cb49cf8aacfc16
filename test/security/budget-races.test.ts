import { expect, it, vi } from 'vitest';
import { pauseAgent } from '../../src/agents/change-agents.ts';
import { revokeTokens } from '../../src/agents/change-tokens.ts';
import { booksOf, tester, tokenOf } from '../fakes/gateway-agents.ts';
import type { TestGateway } from '../fakes/test-gateway.ts';
import { asking, NANO, refusalOf, rowsOf, spentOf, startWith } from './budget-trial.ts';

/** 1,000 in and 20,000 out at Opus 4.5. */
const USAGE = { input_tokens: 1_000, output_tokens: 20_000 };
const COST = 505_000_000;

/** What the provider would bill for all that it answered, at most. */
function billed({ simulator }: TestGateway): number {
  const answered = simulator.requests.filter(({ route, status }) => route === 'messages' && status === 200);
  return answered.length * COST;
}

async function allEnded(gateway: TestGateway): Promise<void> {
  const open = () => rowsOf(gateway).filter(({ endedAtMs }) => endedAtMs === null).length;
  await vi.waitFor(() => expect(open()).toBe(0), { timeout: 10_000 });
}

it('200 requests of three agents with ten tokens, streams, retries and clients that leave never pass one cap', async () => {
  const cap = 6.2;
  await using gateway = await startWith(
    { all: { scope: 'everything', usd: cap, per: 'day', enforcement: 'hard' }, one: { usd: 3, per: 'day' } },
    {
      profiles: ['first', 'second', { name: 'first', agentId: 'a' }, { name: 'first', agentId: 'b' }],
      config: { auth: { maxWaitMs: 4_000, order: { anthropic: ['anthropic:first', 'anthropic:second'] } } },
      script: {
        seed: 7,
        answer: { usage: USAGE },
        pacing: { firstByteMs: 40, perEventMs: 5 },
        rules: [
          { credential: 'first', probability: 0.1, fail: { kind: 'error', error: 'server_error' } },
          { probability: 0.1, fail: { kind: 'reset' } },
          { probability: 0.1, stream: true, fail: { kind: 'truncate', afterEvents: 3 } },
        ],
      },
    },
  );
  const tokens = ['main', 'a', 'b'].flatMap((agent) => [0, 1, 2].map(() => tokenOf(gateway, agent)));
  const one = async (at: number): Promise<void> => {
    const client = new AbortController();
    try {
      const body = asking({ stream: at % 2 === 0 });
      const answer = await gateway.post({ body, token: tokens[at % tokens.length]!, signal: client.signal });
      if (at % 7 === 0) client.abort();
      await answer.text();
    } catch {
      // It left, or its answer broke off.
    }
  };
  await Promise.all(Array.from({ length: 200 }, (_, at) => one(at)));
  await allEnded(gateway);
  expect(spentOf(gateway, 'all').nanoUsd).toBeGreaterThanOrEqual(billed(gateway));
  expect(spentOf(gateway, 'all').nanoUsd).toBeLessThanOrEqual(cap * NANO);
  expect(rowsOf(gateway).length).toBeGreaterThanOrEqual(10);
}, 30_000);

it('at one cent left, of 200 at once as many go out as fit and never more are paid for', async () => {
  // Each holds at most $0.0023 (20 tokens of output and some 2,000 around the prompt at Haiku 4.5).
  await using gateway = await startWith(
    { main: { usd: 0.01, per: 'total', enforcement: 'hard' } },
    {
      script: { pacing: { firstByteMs: 150 }, answer: { usage: { input_tokens: 1_000, output_tokens: 20 } } },
      config: { auth: { maxWaitMs: 30_000 } },
    },
  );
  const answers = await Promise.all(Array.from({ length: 200 }, () => gateway.post()));
  const statuses = answers.map(({ status }) => status);
  expect([...new Set(statuses)].sort()).toEqual([200, 402]);
  await allEnded(gateway);
  const { nanoUsd } = spentOf(gateway);
  expect(nanoUsd).toBe(statuses.filter((status) => status === 200).length * 1_100_000);
  expect(nanoUsd).toBeLessThanOrEqual(0.01 * NANO);
});

it('a request that is sent again with another profile is held once at a time, and charged where it was answered', async () => {
  await using gateway = await startWith(
    { main: { usd: 0.6, per: 'day', enforcement: 'hard' } },
    {
      profiles: ['first', 'second'],
      config: { auth: { maxWaitMs: 0, order: { anthropic: ['anthropic:first', 'anthropic:second'] } } },
      script: {
        answer: { usage: USAGE },
        rules: [{ credential: 'first', fail: { kind: 'error', error: 'rate_limit' } }],
      },
    },
  );
  expect((await gateway.post({ body: asking() })).status).toBe(200);
  expect(gateway.served()).toEqual(['first 429', 'second 200']);
  expect(rowsOf(gateway).map(({ heldNanoUsd, booking }) => [heldNanoUsd, booking?.costNanoUsd])).toEqual([
    [null, undefined],
    [null, COST],
  ]);
});

it('of a provider that cannot be reached nothing is charged, and all of it is free again', async () => {
  await using gateway = await startWith({ main: { usd: 0.6, per: 'day', enforcement: 'hard' } });
  await gateway.simulator.close();
  for (let at = 0; at < 3; at++) {
    const answer = await gateway.post({ body: asking() });
    expect(answer.headers.get('x-moltbot-error')).toBe('PROVIDER_UNREACHABLE');
  }
  expect(spentOf(gateway).nanoUsd).toBe(0);
});

it('a paid key that takes over from a subscription is held like any other', async () => {
  await using gateway = await startWith(
    { main: { usd: 0.1, per: 'day', enforcement: 'hard' } },
    {
      profiles: [{ name: 'sub', type: 'token' }, 'first'],
      config: { auth: { maxWaitMs: 0, order: { anthropic: ['anthropic:sub', 'anthropic:first'] } } },
      script: { rules: [{ credential: 'sub', after: 1, fail: { kind: 'error', error: 'rate_limit' } }] },
    },
  );
  expect((await gateway.post({ body: asking() })).status).toBe(200);
  expect(refusalOf(await gateway.post({ body: asking() }))).toEqual([402, 'BUDGET_TOO_SMALL', 'budget', 'false']);
  expect(gateway.served()).toEqual(['sub 200', 'sub 429']);
});

it('requests that wait leave with their client, and learn at once that what ran before them took all that was left', async () => {
  await using gateway = await startWith(
    { main: { usd: 0.6, per: 'day', enforcement: 'hard' } },
    { script: { pacing: { firstByteMs: 60_000 } }, config: { auth: { maxWaitMs: 60_000 } } },
  );
  const client = new AbortController();
  const first = gateway.post({ body: asking(), signal: client.signal }).catch(() => undefined);
  await vi.waitFor(() => expect(gateway.served()).toHaveLength(1), { timeout: 5_000 });
  const leaving = Array.from({ length: 20 }, () =>
    gateway.post({ body: asking(), signal: client.signal }).catch(() => undefined),
  );
  const waiting = Array.from({ length: 50 }, () => gateway.post({ body: asking() }));
  await vi.waitFor(() => expect(gateway.gateway.openRequests()).toBe(71), { timeout: 10_000 });
  client.abort();
  await Promise.all([first, ...leaving]);
  // What the first held stays charged: nobody heard of its answer. So the others can never go out.
  const ended = await Promise.all(waiting);
  expect([...new Set(ended.map((answer) => JSON.stringify(refusalOf(answer))))]).toEqual([
    JSON.stringify([402, 'BUDGET_TOO_SMALL', 'budget', 'false']),
  ]);
  expect(gateway.served()).toHaveLength(1);
});

it('a gateway that stops ends those who wait at once, and they may come again', async () => {
  const gateway = await startWith(
    { main: { usd: 0.6, per: 'day', enforcement: 'hard' } },
    { script: { pacing: { firstByteMs: 60_000 } }, config: { auth: { maxWaitMs: 60_000 } } },
  );
  const all = Array.from({ length: 51 }, () => gateway.post({ body: asking() }));
  await vi.waitFor(() => expect(gateway.gateway.openRequests()).toBe(51), { timeout: 10_000 });
  const startedMs = performance.now();
  const stopped = gateway.stop();
  const codes = (await Promise.all(all)).map((answer) => answer.headers.get('x-moltbot-error'));
  expect([...new Set(codes)]).toEqual(['DRAINING']);
  await stopped;
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  await gateway[Symbol.asyncDispose]();
});

it.each<['paused' | 'revoked', number, string]>([
  ['paused', 402, 'AGENT_PAUSED'],
  ['revoked', 401, 'TOKEN_REVOKED'],
])('a request whose agent is %s while it waits never goes out', async (how, status, code) => {
  await using gateway = await startWith(
    { main: { scope: 'everything', usd: 0.6, per: 'day', enforcement: 'hard' } },
    {
      profiles: ['first', { name: 'first', agentId: 'other' }],
      script: { pacing: { firstByteMs: 2_000 }, answer: { usage: { input_tokens: 1, output_tokens: 1 } } },
      config: { auth: { maxWaitMs: 60_000 } },
    },
  );
  const first = gateway.post({ body: asking() });
  await vi.waitFor(() => expect(gateway.served()).toHaveLength(1), { timeout: 5_000 });
  const waiting = gateway.post({ body: asking(), token: tokenOf(gateway, 'other') });
  await vi.waitFor(() => expect(gateway.gateway.openRequests()).toBe(2), { timeout: 5_000 });
  const books = booksOf(gateway);
  if (how === 'paused') pauseAgent(books, 'other', 'test', tester(gateway));
  else revokeTokens(books, 'other', tester(gateway));
  const ended = await waiting;
  expect([ended.status, ended.headers.get('x-moltbot-error')]).toEqual([status, code]);
  expect((await first).status).toBe(200);
  expect(gateway.simulator.requests).toHaveLength(1);
});

it('hundreds that wait for one place hold nobody else up', async () => {
  await using gateway = await startWith(
    { main: { scope: { model: 'claude-opus-4-5' }, usd: 0.6, per: 'day', enforcement: 'hard' } },
    {
      script: { pacing: { firstByteMs: 200 }, answer: { usage: { input_tokens: 1, output_tokens: 1 } } },
      config: { auth: { maxWaitMs: 5_000 } },
    },
  );
  const waiting = Array.from({ length: 300 }, async () => (await gateway.post({ body: asking() })).status);
  await vi.waitFor(() => expect(gateway.gateway.openRequests()).toBeGreaterThan(200), { timeout: 10_000 });
  const startedMs = performance.now();
  expect((await gateway.post()).status).toBe(200);
  expect(performance.now() - startedMs).toBeLessThan(2_000);
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([200, 429]));
});
