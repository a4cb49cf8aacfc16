import { describe, expect, it } from 'vitest';
import { rotateAgentKey } from '../../src/agents/change-agent-keys.ts';
import type { TokenBudget, TokenPolicy } from '../../src/agents/policy.ts';
import type { Gate } from '../../src/agents/policy-gates.ts';
import type { BudgetLeft } from '../../src/budgets/token-budget.ts';
import { leftOfTokens } from '../../src/budgets/token-spent.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { booksOf, tester, tokenOf } from '../fakes/gateway-agents.ts';
import { TestGateway, type TestGatewayOptions } from '../fakes/test-gateway.ts';

const NANO = 1_000_000_000;
/** 1,000 in and 20,000 out at Opus 4.5: $0.505. */
const USAGE = { input_tokens: 1_000, output_tokens: 20_000 };
const COST = 505_000_000;
const ASK = 'Ask the person who runs this gateway.';

const body = (max_tokens = 20_000, model = 'claude-opus-4-5') => ({
  model,
  max_tokens,
  messages: [{ role: 'user', content: 'Hi' }],
});

function start({ config = {}, script, ...rest }: TestGatewayOptions = {}) {
  return TestGateway.start({
    profiles: ['first'],
    ...rest,
    config: { auth: { maxWaitMs: 200 }, ...config },
    script: { answer: { usage: USAGE }, ...script },
  });
}

const withBudget = (gateway: TestGateway, budget: Partial<TokenBudget>, policy: TokenPolicy = {}) =>
  tokenOf(gateway, 'main', {}, { policy: { ...policy, budget: { enforcement: 'soft', ...budget } } });

/** Sends one after the other; what each was answered. */
async function statuses(gateway: TestGateway, token: string, count: number, sent: object = body()): Promise<number[]> {
  const got: number[] = [];
  for (let at = 0; at < count; at++) {
    const answer = await gateway.post({ token, body: sent });
    await answer.text();
    got.push(answer.status);
  }
  return got;
}

async function refusalOf(answer: Response) {
  const { error } = (await answer.json()) as { error: { message: string } };
  const { status, headers } = answer;
  return [
    status,
    headers.get('x-moltbot-error'),
    headers.get('x-moltbot-gate'),
    headers.get('x-should-retry'),
    error.message.replace(/ \(closed gate: .*\)$/, ''),
  ];
}

/** By the ledger, of all live tokens. */
function left(gateway: TestGateway): BudgetLeft[] {
  return [...leftOfTokens(gateway.database, gateway.tokens.live(gateway.now())).values()];
}

async function self(gateway: TestGateway, token: string) {
  const response = await fetch(`${gateway.url}/v1/self`, { headers: { authorization: `Bearer ${token}` } });
  const { budget, gates } = (await response.json()) as { budget: BudgetLeft | null; gates: Gate[] };
  return { budget, gate: gates.find(({ name }) => name === 'budget') };
}

describe.concurrent('a token with a budget', () => {
  it('spends that and no more, says so, and leaves other tokens of its agent alone', async () => {
    await using gateway = await start();
    const token = withBudget(gateway, { usd: 2 });
    expect(await statuses(gateway, token, 4)).toEqual([200, 200, 200, 200]);
    expect(await refusalOf(await gateway.post({ token, body: body() }))).toEqual([
      402,
      'BUDGET_USED_UP',
      'budget',
      'false',
      `The budget of this access token is used up: $2.02 of $2.00 spent. A new token is needed for more. ${ASK}`,
    ]);
    expect(gateway.served()).toHaveLength(4);
    expect(await statuses(gateway, gateway.token, 1)).toEqual([200]);
    expect(await statuses(gateway, withBudget(gateway, { usd: 2 }), 1)).toEqual([200]);
  });

  it('still lists models and counts tokens when it is used up', async () => {
    await using gateway = await start();
    const token = withBudget(gateway, { requests: 1 });
    expect(await statuses(gateway, token, 2)).toEqual([200, 402]);
    const path = 'anthropic/v1/messages/count_tokens';
    expect((await gateway.post({ token, path })).status).toBe(200);
  });

  it.each<[string, Partial<TokenBudget>, number[]]>([
    ['requests', { requests: 2 }, [200, 200, 402]],
    ['tokens', { tokens: 30_000 }, [200, 200, 402]],
    ['less than a cent', { usd: 0.000_001 }, [200, 402, 402]],
  ])('counts %s', async (_what, budget, expected) => {
    await using gateway = await start();
    expect(await statuses(gateway, withBudget(gateway, budget), 3)).toEqual(expected);
  });

  it('has spent as much after a restart', async () => {
    const first = await start();
    const token = withBudget(first, { requests: 3 });
    expect(await statuses(first, token, 2)).toEqual([200, 200]);
    await first.stop();
    const second = await TestGateway.start({ home: first.home, simulator: first.simulator, vault: first.vault });
    expect(await statuses(second, token, 2)).toEqual([200, 402]);
    expect(left(second)).toEqual([{ unit: 'requests', amount: 3, spent: 3, left: 0, enforcement: 'soft' }]);
    await second[Symbol.asyncDispose]();
  });

  it('goes on with its budget when it is renewed', async () => {
    await using gateway = await start({ standsAtMs: Date.now() });
    const books = booksOf(gateway);
    const { key } = rotateAgentKey(books, 'main', { kind: 'key', graceMs: 0 }, tester(gateway));
    const ask = async (path: string, sent: object) => {
      const headers = { authorization: `Bearer ${key.reveal()}`, 'content-type': 'application/json' };
      const response = await fetch(`${gateway.url}/v1/tokens${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(sent),
      });
      return { status: response.status, answer: (await response.json()) as { token: string; accessor: string } };
    };
    const { answer } = await ask('', { budget: { requests: 2 } });
    expect(await statuses(gateway, answer.token, 1)).toEqual([200]);
    gateway.move(HOUR_MS);
    expect(await statuses(gateway, answer.token, 1)).toEqual([401]);
    expect((await ask(`/${answer.accessor}/renew`, {})).status).toBe(200);
    expect(await statuses(gateway, answer.token, 2)).toEqual([200, 402]);
    const wrong = [{}, { usd: 1, tokens: 1 }, { usd: 0 }, { requests: 1.5 }, { usd: 1, per: 'day' }, 2];
    const answers = await Promise.all(wrong.map((budget) => ask('', { budget })));
    expect(answers.map(({ status }) => status)).toEqual(wrong.map(() => 422));
  });

  it('spends no more than its agent has, either', async () => {
    await using gateway = await start({ config: { budgets: { main: { requests: 1, per: 'day' } } } });
    const token = withBudget(gateway, { requests: 5 });
    expect(await statuses(gateway, token, 1)).toEqual([200]);
    const [status, code, , , text] = await refusalOf(await gateway.post({ token, body: body() }));
    expect([status, code]).toEqual([402, 'BUDGET_USED_UP']);
    expect(text).toContain('Budget "main" is used up: 1 request of 1 request spent.');
  });

  it('and what it spends counts for its agent', async () => {
    await using gateway = await start({ config: { budgets: { main: { requests: 3, per: 'day' } } } });
    expect(await statuses(gateway, withBudget(gateway, { requests: 2 }), 3)).toEqual([200, 200, 402]);
    expect(await statuses(gateway, gateway.token, 2)).toEqual([200, 402]);
  });

  it('costs a subscription nothing, but its tokens count', async () => {
    await using gateway = await start({
      profiles: [{ name: 'sub', type: 'token' }],
      config: { auth: { order: { anthropic: ['anthropic:sub'] } } },
    });
    expect(await statuses(gateway, withBudget(gateway, { usd: 0.01, enforcement: 'hard' }), 3)).toEqual([
      200, 200, 200,
    ]);
    expect(await statuses(gateway, withBudget(gateway, { tokens: 21_000 }), 2)).toEqual([200, 402]);
  });

  it('is told what is left of it, and when nothing is', async () => {
    await using gateway = await start();
    const token = withBudget(gateway, { usd: 1 });
    expect(await self(gateway, gateway.token)).toEqual({ budget: null, gate: undefined });
    expect(await self(gateway, token)).toEqual({
      budget: { unit: 'nanoUsd', amount: NANO, spent: 0, left: NANO, enforcement: 'soft' },
      gate: { name: 'budget', open: true, why: 'There is something left to spend.' },
    });
    await statuses(gateway, token, 2);
    expect(await self(gateway, token)).toEqual({
      budget: { unit: 'nanoUsd', amount: NANO, spent: 2 * COST, left: 0, enforcement: 'soft' },
      gate: {
        name: 'budget',
        open: false,
        why: 'The budget of this access token is used up: $1.01 of $1.00 spent. A new token is needed for more.',
      },
    });
  });

  it('says its amount in the audit', async () => {
    await using gateway = await start();
    withBudget(gateway, { usd: 2 }, { requestsPerMinute: 5 });
    const issued = booksOf(gateway)
      .audit.after({ limit: 100 })
      .filter(({ action }) => action === 'token.issued');
    expect(issued.map(({ detail }) => detail?.policy)).toEqual([
      '{"requestsPerMinute":5,"budget":{"enforcement":"soft","usd":2}}',
    ]);
  });
});

describe.concurrent('a token with a hard budget', () => {
  it('is never passed by 50 requests at once', async () => {
    await using gateway = await start({
      config: { auth: { maxWaitMs: 10_000 } },
      script: { pacing: { firstByteMs: 200 } },
    });
    // The worst case of each is about $0.53: three fit.
    const token = withBudget(gateway, { usd: 2, enforcement: 'hard' });
    const answers = await Promise.all(Array.from({ length: 50 }, () => gateway.post({ token, body: body() })));
    const counts = new Map<string, number>();
    for (const { status, headers } of answers) {
      const key = `${status} ${headers.get('x-moltbot-error')}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({ '200 null': 3, '402 BUDGET_TOO_SMALL': 47 });
    expect(left(gateway)).toEqual([
      { unit: 'nanoUsd', amount: 2 * NANO, spent: 3 * COST, left: 2 * NANO - 3 * COST, enforcement: 'hard' },
    ]);
  });

  it('is refused what may cost more than is left, in words of a token', async () => {
    await using gateway = await start({ script: { models: ['claude-next-9'] } });
    const token = withBudget(gateway, { usd: 0.2, enforcement: 'hard' });
    const [status, code, , , text] = await refusalOf(await gateway.post({ token, body: body() }));
    expect([status, code]).toEqual([402, 'BUDGET_TOO_SMALL']);
    expect(text).toContain('and the hard budget of this access token has less left: $0.20 of $0.20.');
    const unpriced = await refusalOf(await gateway.post({ token, body: body(100, 'claude-next-9') }));
    expect([unpriced[0], unpriced[1]]).toEqual([402, 'BUDGET_UNPRICED']);
    expect(unpriced[4]).toContain('can set a price (models.prices) or make a token with a soft budget.');
    const batch = { requests: [{ custom_id: 'a', params: body(20) }] };
    const refused = await gateway.post({ token, path: 'anthropic/v1/messages/batches', body: batch });
    expect([refused.status, refused.headers.get('x-moltbot-error')]).toEqual([403, 'ROUTE_NOT_ALLOWED']);
    expect(gateway.served()).toEqual([]);
  });

  it('keeps what it held of an answer that was never heard of, also over a restart', async () => {
    const first = await start({ script: { rules: [{ first: 1, fail: { kind: 'reset' } }] } });
    const token = withBudget(first, { usd: 0.9, enforcement: 'hard' });
    expect(await statuses(first, token, 2)).toEqual([502, 402]);
    const [row] = new LedgerStore(first.database).after({ limit: 10 });
    expect(left(first).map(({ spent }) => spent)).toEqual([row!.boundNanoUsd]);
    await first.stop();
    const second = await TestGateway.start({ home: first.home, simulator: first.simulator, vault: first.vault });
    expect(await statuses(second, token, 1)).toEqual([402]);
    await second[Symbol.asyncDispose]();
  });
});

describe.concurrent('a token with a soft budget', () => {
  it('is passed by no more than what was under way', async () => {
    await using gateway = await start({
      config: { auth: { maxWaitMs: 20_000 } },
      script: { pacing: { firstByteMs: 100 } },
    });
    const token = withBudget(gateway, { usd: 2 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => gateway.post({ token, body: body() })));
    const rows = new LedgerStore(gateway.database).after({ limit: 1_000 });
    const reservedNanoUsd = rows[0]!.reservedNanoUsd!;
    // Before there is a habit each holds a tenth of its worst case: as many as fit by that are under way, at most.
    expect(rows.length * reservedNanoUsd).toBeLessThanOrEqual(2 * NANO + reservedNanoUsd);
    expect(rows.length).toBeGreaterThanOrEqual(4);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(rows.length);
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(50 - rows.length);
    expect(left(gateway)[0]!.spent).toBe(rows.length * COST);
  });
});
