import { describe, expect, it, vi } from 'vitest';
import { budgetsOf } from '../../src/budgets/budget.ts';
import { spentSince } from '../../src/budgets/spent.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import type { ScriptInput } from '../../src/simulator/script-schema.ts';
import { booksOf, tokenOf } from '../fakes/gateway-agents.ts';
import { TestGateway, type TestGatewayOptions } from '../fakes/test-gateway.ts';

const NANO = 1_000_000_000;
/** 1,000 in and 20,000 out at Opus 4.5: $0.505. */
const USAGE = { input_tokens: 1_000, output_tokens: 20_000 };
const COST = 505_000_000;
const body = (max_tokens: number, model = 'claude-opus-4-5') => ({
  model,
  max_tokens,
  messages: [{ role: 'user', content: 'Hi' }],
});
const facts = (response: Response) => [
  response.status,
  response.headers.get('x-moltbot-error'),
  response.headers.get('x-moltbot-gate'),
  response.headers.get('x-should-retry'),
];
const textOf = async (response: Response) => ((await response.json()) as { error: { message: string } }).error.message;

interface Written {
  readonly [name: string]: Record<string, unknown>;
}

function start(budgets: Written, options: TestGatewayOptions & { readonly maxWaitMs?: number } = {}) {
  const { config = {}, script, maxWaitMs = 200, ...rest } = options;
  return TestGateway.start({
    profiles: ['first'],
    ...rest,
    config: { auth: { maxWaitMs }, budgets, ...config },
    script: { answer: { usage: USAGE }, ...script },
  });
}

const rows = (gateway: TestGateway) => new LedgerStore(gateway.database).after({ limit: 1_000 });

/** What the ledger says a budget has spent. */
function spent(gateway: TestGateway, name = 'main'): number {
  const budget = budgetsOf(gateway.dependencies.app.config().config).find((each) => each.name === name)!;
  return spentSince(gateway.database, budget, 0)[budget.unit];
}

/** The most requests that the provider was serving at the same moment. */
function mostAtOnce({ simulator }: TestGateway): number {
  const edges = simulator.requests
    .filter(({ route }) => route === 'messages')
    .flatMap(({ receivedAtMs, endedAtMs }) => [
      [receivedAtMs, 1],
      [endedAtMs ?? Infinity, -1],
    ]) as [number, number][];
  edges.sort(([a, up], [b, down]) => a - b || up - down);
  let now = 0;
  return Math.max(0, ...edges.map(([, step]) => (now += step)));
}

describe.concurrent('a hard budget', () => {
  it('is not passed by 200 requests at once, and lets no more out than fit', async () => {
    // The worst case of each is its 20,000 tokens of output and a prompt of a few thousand: about $0.53.
    await using gateway = await start(
      { main: { usd: 5.4, per: 'day', enforcement: 'hard' } },
      { script: { pacing: { firstByteMs: 300 } }, maxWaitMs: 10_000 },
    );
    const answers = await Promise.all(Array.from({ length: 200 }, () => gateway.post({ body: body(20_000) })));
    const counts = new Map<string, number>();
    for (const answer of answers) {
      const [status, code, gate, shouldRetry] = facts(answer);
      const retryAfter = answer.headers.get('retry-after');
      const key = JSON.stringify([status, code, gate, shouldRetry, retryAfter]);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const served = counts.get('[200,null,null,null,null]') ?? 0;
    expect(served).toBe(10);
    expect([...counts.keys()].filter((key) => !key.startsWith('[200'))).toEqual([
      JSON.stringify([402, 'BUDGET_TOO_SMALL', 'budget', 'false', null]),
    ]);
    expect(mostAtOnce(gateway)).toBeLessThanOrEqual(10);
    expect(spent(gateway)).toBe(10 * COST);
    expect(spent(gateway)).toBeLessThanOrEqual(5.4 * NANO);
  });

  it('says 429 and when to come again while only requests under way stand in the way', async () => {
    await using gateway = await start(
      { main: { usd: 0.9, per: 'day', enforcement: 'hard' } },
      { script: { pacing: { firstByteMs: 1_500 }, answer: { usage: { input_tokens: 1, output_tokens: 1 } } } },
    );
    const first = gateway.post({ body: body(20_000) });
    await vi.waitFor(() => expect(gateway.served()).toHaveLength(1), { timeout: 10_000 });
    const second = await gateway.post({ body: body(20_000) });
    expect([...facts(second), second.headers.get('retry-after')]).toEqual([429, 'BUDGET_BUSY', 'budget', null, '2']);
    expect(await textOf(second)).toContain('Budget "main" is held by requests under way');
    expect((await first).status).toBe(200);
    await (await first).text();
    expect((await gateway.post({ body: body(20_000) })).status).toBe(200);
  });

  it('waits for a settlement instead, where that comes soon enough', async () => {
    await using gateway = await start(
      { main: { usd: 0.9, per: 'day', enforcement: 'hard' } },
      {
        script: { pacing: { firstByteMs: 300 }, answer: { usage: { input_tokens: 1, output_tokens: 1 } } },
        maxWaitMs: 20_000,
      },
    );
    const answers = await Promise.all([1, 2, 3].map(() => gateway.post({ body: body(20_000) })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(mostAtOnce(gateway)).toBe(1);
  });

  it('names itself, how much of how much, and when it resets', async () => {
    await using gateway = await start(
      { main: { usd: 1, per: 'day', enforcement: 'hard' } },
      { standsAtMs: Date.UTC(2026, 10, 21, 15), config: { timeZone: 'Europe/Berlin' } },
    );
    expect((await gateway.post({ body: body(20_000) })).status).toBe(200);
    const refused = await gateway.post({ body: body(20_000) });
    expect(facts(refused)).toEqual([402, 'BUDGET_TOO_SMALL', 'budget', 'false']);
    const text = await textOf(refused);
    expect(text).toContain('the hard budget "main" has less left: $0.495 of $1.00.');
    expect(text).toContain('It resets at 2026-11-22 00:00 Europe/Berlin.');
    expect(text).toContain('Ask the person who runs this gateway.');
    expect(text).not.toContain('moltbot budget');
  });

  it('takes the free count of the provider where the size of the text alone is too much', async () => {
    await using gateway = await start({ main: { usd: 0.5, per: 'day', enforcement: 'hard' } });
    // 100,000 bytes could be 100,000 tokens ($1.10 with the dearest input); the simulator counts far fewer.
    const long = { ...body(100), messages: [{ role: 'user', content: 'word '.repeat(20_000) }] };
    expect((await gateway.post({ body: long })).status).toBe(200);
    expect(gateway.simulator.requests.map(({ route }) => route)).toEqual(['messages/count_tokens', 'messages']);
    expect(rows(gateway)).toHaveLength(1);
  });

  it('refuses a model without a price, and says what a person can do', async () => {
    const script: ScriptInput = { models: ['claude-next-9'] };
    await using gateway = await start({ main: { usd: 5, per: 'day', enforcement: 'hard' } }, { script });
    const refused = await gateway.post({ body: body(100, 'claude-next-9') });
    expect(facts(refused)).toEqual([402, 'BUDGET_UNPRICED', 'budget', 'false']);
    expect(await textOf(refused)).toContain(
      'can set a price (models.prices) or set a ceiling (budgets.main.unpricedUsd)',
    );
    expect(gateway.served()).toEqual([]);
    gateway.writeConfig({ budgets: { main: { usd: 5, per: 'day', enforcement: 'hard', unpricedUsd: 2 } } });
    await vi.waitFor(async () => expect((await gateway.post({ body: body(100, 'claude-next-9') })).status).toBe(200), {
      timeout: 10_000,
    });
    expect(rows(gateway).at(-1)).toMatchObject({ reservedNanoUsd: 2 * NANO, heldNanoUsd: 2 * NANO });
  });

  it('never tells a person to write what the config refuses: a budget of tokens has no ceiling in dollars', async () => {
    await using gateway = await start({ main: { tokens: 1_000_000, per: 'day', enforcement: 'hard' } });
    const refused = await gateway.post({ body: { ...body(100), tools: [{ type: 'code_execution_20250825' }] } });
    expect(facts(refused)).toEqual([402, 'BUDGET_UNBOUNDED', 'budget', 'false']);
    expect(await textOf(refused)).toContain('can make the budget a soft one (budgets.main.enforcement).');
  });

  it('lets batches, files and background answers out only where the policy of the agent names them', async () => {
    await using gateway = await start({ main: { usd: 5, per: 'day', enforcement: 'hard' } });
    const batch = { requests: [{ custom_id: 'a', params: body(20) }] };
    const send = () => gateway.post({ path: 'anthropic/v1/messages/batches', body: batch });
    expect(facts(await send())).toEqual([403, 'ROUTE_NOT_ALLOWED', 'budget', 'false']);
    gateway.agents.change('main', { policy: { routes: ['generate', 'batches'] } });
    expect((await send()).status).toBe(200);
  });

  it('keeps what it held of an answer that was never heard of', async () => {
    await using gateway = await start(
      { main: { usd: 5, per: 'day', enforcement: 'hard' } },
      { script: { rules: [{ first: 1, fail: { kind: 'reset' } }] } },
    );
    expect((await gateway.post({ body: body(20_000) })).status).toBe(502);
    const [row] = rows(gateway);
    expect(row).toMatchObject({ outcome: 'broken', booking: null, heldNanoUsd: row!.boundNanoUsd });
    expect(spent(gateway)).toBe(row!.boundNanoUsd);
  });

  it('gives back what it held of an answer that costs nothing', async () => {
    await using gateway = await start(
      { main: { usd: 0.9, per: 'day', enforcement: 'hard' } },
      { script: { rules: [{ first: 1, fail: { kind: 'error', error: 'invalid_request' } }] } },
    );
    expect((await gateway.post({ body: body(20_000) })).status).toBe(400);
    expect(spent(gateway)).toBe(0);
    expect((await gateway.post({ body: body(20_000) })).status).toBe(200);
  });
});

describe.concurrent('a soft budget', () => {
  it('serves until it is spent, and passes its amount by no more than what was under way', async () => {
    await using gateway = await start({ main: { usd: 5, per: 'day' } });
    const statuses: number[] = [];
    for (let at = 0; at < 14; at++) {
      const answer = await gateway.post({ body: body(32_000) });
      statuses.push(answer.status);
      await answer.text();
    }
    // Ten cost more than $5; each was let out while something was left.
    expect(statuses).toEqual([...Array(10).fill(200), ...Array(4).fill(402)]);
    expect(spent(gateway)).toBe(10 * COST);
    expect(facts(await gateway.post({ body: body(32_000) }))).toEqual([402, 'BUDGET_USED_UP', 'budget', 'false']);
  });

  it('still lists models and counts tokens when it is used up', async () => {
    await using gateway = await start({ main: { requests: 0, per: 'day' } });
    expect((await gateway.post()).status).toBe(402);
    expect((await gateway.post({ path: 'anthropic/v1/messages/count_tokens' })).status).toBe(200);
    expect((await gateway.send('/v1/proxy/anthropic/v1/models', { method: 'GET' })).status).toBe(200);
  });

  it('is open again when its window rolls, at midnight of its time zone', async () => {
    const standsAtMs = Date.UTC(2026, 9, 24, 21, 59);
    await using gateway = await start(
      { main: { requests: 1, per: 'day' } },
      { standsAtMs, config: { timeZone: 'Europe/Berlin' } },
    );
    const status = async () => (await gateway.post({ token: gateway.issue().token })).status;
    expect([await status(), await status()]).toEqual([200, 402]);
    gateway.move(60_000);
    expect([await status(), await status()]).toEqual([200, 402]);
    // The day on which summer time ends has 25 hours.
    gateway.move(24 * 3_600_000);
    expect(await status()).toBe(402);
    gateway.move(3_600_000);
    expect([await status(), await status()]).toEqual([200, 402]);
  });

  it('is open again when its amount is raised, and says both in the audit', async () => {
    await using gateway = await start({ main: { requests: 1, per: 'total' } });
    expect((await gateway.post()).status).toBe(200);
    expect((await gateway.post()).status).toBe(402);
    gateway.writeConfig({ budgets: { main: { requests: 2, per: 'total' } } });
    await vi.waitFor(async () => expect((await gateway.post()).status).toBe(200), { timeout: 10_000 });
    expect((await gateway.post()).status).toBe(402);
    const told = booksOf(gateway)
      .audit.after({ limit: 1_000 })
      .filter(({ action }) => action.startsWith('budget.'));
    expect(told.map(({ action, subject, detail }) => [action, subject, detail])).toEqual([
      ['budget.used_up', 'main', { unit: 'requests', spent: 1, amount: 1 }],
      ['budget.opened', 'main', { unit: 'requests', spent: 1, amount: 2 }],
      ['budget.used_up', 'main', { unit: 'requests', spent: 2, amount: 2 }],
    ]);
  });

  it('tells of a threshold once, also over a restart', async () => {
    const first = await start({ main: { requests: 5, per: 'total', alertAt: [0.4, 0.6] } });
    const told = (lines: readonly string[]) =>
      lines.flatMap((line) => {
        const { kind, msg } = JSON.parse(line) as { kind?: string; msg: string };
        return kind?.startsWith('budget.') ? [`${kind} ${msg}`] : [];
      });
    for (let at = 0; at < 2; at++) await (await first.post()).text();
    await first.stop();
    const second = await TestGateway.start({ home: first.home, simulator: first.simulator, vault: first.vault });
    for (let at = 0; at < 3; at++) await (await second.post()).text();
    const text = 'It does not reset by itself.';
    expect(told([...first.logLines, ...second.logLines])).toEqual([
      `budget.threshold Budget "main" has spent 40 %: 2 requests of 5 requests. ${text}`,
      `budget.threshold Budget "main" has spent 60 %: 3 requests of 5 requests. ${text}`,
      `budget.used_up Budget "main" is used up: 5 requests of 5 requests. ${text}`,
    ]);
    await second[Symbol.asyncDispose]();
  });
});

describe.concurrent('the scope of a budget', () => {
  it('of a profile makes another profile serve', async () => {
    const scope = { profile: 'main/anthropic:first' };
    await using gateway = await start(
      { narrow: { scope, requests: 2, per: 'day' } },
      {
        profiles: ['first', 'second'],
        config: { auth: { order: { anthropic: ['anthropic:first', 'anthropic:second'] } } },
      },
    );
    for (let at = 0; at < 4; at++) {
      const answer = await gateway.post({ headers: { 'x-claude-code-session-id': `session-${at}` } });
      expect(answer.status).toBe(200);
      await answer.text();
    }
    expect(gateway.served()).toEqual(['first 200', 'first 200', 'second 200', 'second 200']);
  });

  it.each<[string, Record<string, unknown>]>([
    ['everything', { scope: 'everything' }],
    ['an agent', { scope: { agent: 'main' } }],
    ['a model in any spelling', { scope: { model: 'claude-haiku-4.5' } }],
    ['a label of the token', { scope: { label: 'web' } }],
    ['all at once', { scope: { agent: 'main', model: 'anthropic/claude-haiku-4-5', label: 'web' } }],
  ])('of %s covers the request', async (_what, scope) => {
    await using gateway = await start({ main: { ...scope, requests: 1, per: 'week' } });
    const token = tokenOf(gateway, 'main', {}, { label: 'web' });
    await (await gateway.post({ token })).text();
    expect(facts(await gateway.post({ token }))).toEqual([402, 'BUDGET_USED_UP', 'budget', 'false']);
  });

  it.each<[string, Record<string, unknown>]>([
    ['another agent', { scope: { agent: 'other' } }],
    ['another model', { scope: { model: 'claude-opus-4-5' } }],
    ['another label', { scope: { label: 'batch' } }],
    ['a label that only a header has', { scope: { label: 'header' } }],
    ['another profile', { scope: { profile: 'main/anthropic:second' } }],
  ])('of %s does not', async (_what, scope) => {
    await using gateway = await start({ main: { ...scope, requests: 0, per: 'week' } });
    const token = tokenOf(gateway, 'main', {}, { label: 'web' });
    const headers = { 'x-moltbot-label-feature': 'header' };
    expect((await gateway.post({ token, headers })).status).toBe(200);
  });

  it('counts tokens of all kinds', async () => {
    const usage = { input_tokens: 10, cache_read_input_tokens: 20, cache_creation_input_tokens: 30, output_tokens: 40 };
    await using gateway = await start({ main: { tokens: 200, per: 'day' } }, { script: { answer: { usage } } });
    const status = async () => {
      const answer = await gateway.post();
      await answer.text();
      return answer.status;
    };
    expect([await status(), await status(), await status()]).toEqual([200, 200, 402]);
    expect(spent(gateway)).toBe(200);
  });

  it('costs a subscription nothing, but its tokens count', async () => {
    await using gateway = await start(
      { main: { usd: 1, per: 'day', enforcement: 'hard' }, words: { scope: 'everything', tokens: 30_000, per: 'day' } },
      { profiles: [{ name: 'sub', type: 'token' }], config: { auth: { order: { anthropic: ['anthropic:sub'] } } } },
    );
    for (const expected of [200, 200, 402]) {
      const answer = await gateway.post({ body: body(20_000) });
      expect(answer.status).toBe(expected);
      await answer.text();
    }
    expect([spent(gateway), spent(gateway, 'words')]).toEqual([0, 42_000]);
  });
});
