import { expect, it, vi } from 'vitest';
import { asking, NANO, refusalOf, rowsOf, spentOf, startWith } from './budget-trial.ts';
import { type HostileUpstream, startHostileUpstream } from './hostile-upstream.ts';

const HARD = { main: { usd: 100, per: 'day', enforcement: 'hard' } };

function answerWithUsage(upstream: HostileUpstream, usage: unknown): void {
  const message = { type: 'message', id: 'msg_1', model: 'claude-opus-4-5', content: [], usage };
  upstream.answerWith((response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(message));
  });
}

async function ask({ gateway }: HostileUpstream, body = asking()): Promise<number> {
  const response = await gateway.post({ body });
  await response.text();
  return response.status;
}

it.each<[string, unknown]>([
  ['none', null],
  ['no object', [20_000]],
  ['negative', { input_tokens: -1, output_tokens: -20_000 }],
  ['a fraction and a text', { input_tokens: 1.5, output_tokens: '20000' }],
  ['far too large', { input_tokens: 10, output_tokens: 1e12 }],
  ['about something else', { tokens: 3 }],
  ['without the output', { input_tokens: 10 }],
])('usage that is %s leaves the worst case charged', async (_what, usage) => {
  await using upstream = await startHostileUpstream({ budgets: HARD });
  answerWithUsage(upstream, usage);
  expect(await ask(upstream)).toBe(200);
  const [row] = rowsOf(upstream.gateway);
  expect(row!.booking!.usageState).toBe('estimated');
  expect(spentOf(upstream.gateway).nanoUsd).toBe(row!.boundNanoUsd);
});

it('a stream whose end does not tell how long the answer was leaves the worst case charged', async () => {
  await using upstream = await startHostileUpstream({ budgets: HARD });
  const usage = { input_tokens: 10, output_tokens: 1 };
  const events = [{ type: 'message_start', message: { usage } }, { type: 'message_delta' }, { type: 'message_stop' }];
  upstream.answerWith((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(events.map((data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`).join(''));
  });
  expect(await ask(upstream, asking({ stream: true }))).toBe(200);
  const [row] = rowsOf(upstream.gateway);
  expect(spentOf(upstream.gateway).nanoUsd).toBe(row!.boundNanoUsd);
});

it.each<[string, object]>([
  ['a billion searches', { server_tool_use: { web_search_requests: 1_000_000_000 } }],
  ['a billion tokens of each kind', { input_tokens: 1e9, output_tokens: 1e9, cache_creation_input_tokens: 1e9 }],
])('a provider that says %s neither spends the budget nor makes its sums unreadable', async (_what, usage) => {
  await using upstream = await startHostileUpstream({ budgets: HARD });
  answerWithUsage(upstream, { input_tokens: 1, output_tokens: 1, ...usage });
  for (let at = 0; at < 20; at++) expect(await ask(upstream)).toBe(200);
  const held = rowsOf(upstream.gateway)[0]!.boundNanoUsd!;
  expect(spentOf(upstream.gateway)).toMatchObject({ nanoUsd: 20 * held, unpriced: 20 });
});

it('sums that no number holds are the largest one, and the budget is used up', async () => {
  await using upstream = await startHostileUpstream({ budgets: HARD });
  answerWithUsage(upstream, { input_tokens: 1, output_tokens: 1 });
  expect(await ask(upstream)).toBe(200);
  upstream.gateway.database.run(
    `INSERT INTO usage_quarters SELECT quarter - 1, agent_id, provider, model, profile_agent_id, profile_id, token_label,
       is_simulated, is_subscription, price_version, service_tier, inference_geo, requests, failed, input_tokens,
       cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, web_searches,
       9007199254740993, unpriced, estimated, held_nano_usd, held_tokens, held, charged, 0, 0 FROM usage_quarters`,
  );
  expect(spentOf(upstream.gateway).nanoUsd).toBe(Number.MAX_SAFE_INTEGER);
});

it('an error that names usage costs nothing, and a success with an error inside stays charged', async () => {
  await using upstream = await startHostileUpstream({ budgets: HARD });
  const error = { type: 'error', error: { type: 'api_error', message: 'x' } };
  const answers = [
    [400, { ...error, usage: { input_tokens: 1, output_tokens: 20_000 } }],
    [200, error],
  ] as const;
  for (const [status, body] of answers) {
    upstream.answerWith((response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
    expect(await ask(upstream)).toBe(status);
  }
  const [refused, odd] = rowsOf(upstream.gateway);
  expect([refused!.booking, refused!.heldNanoUsd]).toEqual([null, null]);
  expect(spentOf(upstream.gateway).nanoUsd).toBe(odd!.boundNanoUsd);
});

it('what cannot be priced is charged its ceiling, also by a soft budget', async () => {
  const script = { models: ['claude-next-9'] };
  await using gateway = await startWith({ main: { usd: 5, per: 'day', unpricedUsd: 2 } }, { script });
  const statuses: number[] = [];
  for (let at = 0; at < 4; at++) {
    const answer = await gateway.post({ body: asking({ model: 'claude-next-9' }) });
    await answer.text();
    statuses.push(answer.status);
  }
  expect(statuses).toEqual([200, 200, 200, 402]);
  expect(spentOf(gateway).nanoUsd).toBe(6 * NANO);
});

it('leaving after the first event does not make an answer cheaper: nobody saw what was thought', async () => {
  const budgets = { main: { usd: 0.9, per: 'day', enforcement: 'hard' } };
  await using gateway = await startWith(budgets, { script: { pacing: { perEventMs: 300 } } });
  const client = new AbortController();
  const body = asking({ stream: true, thinking: { type: 'enabled', budget_tokens: 15_000 } });
  const answer = await gateway.post({ body, signal: client.signal });
  await answer.body!.getReader().read();
  client.abort();
  await vi.waitFor(() => expect(rowsOf(gateway)[0]!.endedAtMs).not.toBeNull(), { timeout: 5_000 });
  const [row] = rowsOf(gateway);
  expect([row!.outcome, row!.booking!.usageState]).toEqual(['client_left', 'partial']);
  expect(spentOf(gateway).nanoUsd).toBe(row!.boundNanoUsd);
  expect(refusalOf(await gateway.post({ body }))).toEqual([402, 'BUDGET_TOO_SMALL', 'budget', 'false']);
});

it('a soft budget books of an answer that was left what is known of it', async () => {
  await using gateway = await startWith({ main: { usd: 5, per: 'day' } }, { script: { pacing: { perEventMs: 300 } } });
  const client = new AbortController();
  const answer = await gateway.post({ body: asking({ stream: true }), signal: client.signal });
  await answer.body!.getReader().read();
  client.abort();
  await vi.waitFor(() => expect(rowsOf(gateway)[0]!.endedAtMs).not.toBeNull(), { timeout: 5_000 });
  const [row] = rowsOf(gateway);
  expect([row!.booking!.usageState, row!.heldNanoUsd]).toEqual(['partial', null]);
});
