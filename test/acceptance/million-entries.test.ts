import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Budget } from '../../src/budgets/budget.ts';
import { spentSince } from '../../src/budgets/spent.ts';
import { USAGE_GROUPS, usageReport } from '../../src/ledger/usage-report.ts';
import { auditBooks } from '../audit/samples.ts';

const ENTRIES = 1_000_000;
const FIRST = Date.UTC(2026, 9, 24, 7, 3, 11);
/** About three days; half an hour of them is out of order. */
const STEP_MS = 259;
const HALF_AN_HOUR_MS = 1_800_000;
const DAYS_MS = ENTRIES * STEP_MS;
/** Said with every failure: the same one gives the same entries. */
const SEED = randomInt(2 ** 31 - 1);

/** One of `count` numbers from 0 on, another one for every row `n` and every `which`: Lehmer's generator, once more mixed. */
const roll = (which: number, count: number) =>
  `((n * ${7_919 + 2 * which} + ${(SEED + which * 104_729) % 2_147_483_647}) % 2147483647 * 48271 % 2147483647 % ${count})`;
const one = (which: number, ...values: readonly (string | null)[]) =>
  `CASE ${roll(which, values.length)} ${values
    .map((value, index) => `WHEN ${index} THEN ${value === null ? 'NULL' : `'${value}'`}`)
    .join(' ')} END`;
/** Mostly nothing, else up to that many. */
const some = (which: number, most: number) =>
  `CASE WHEN ${roll(which, 3)} = 0 THEN ${roll(which + 50, most)} ELSE 0 END`;

const ADMIT = `
  WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT ${ENTRIES})
  INSERT INTO ledger (request_id, attempt, admitted_at_ms, agent_id, accessor, session, profile_agent_id, profile_id,
    provider, route, model_asked, model_served, is_stream, labels, is_subscription, token_label)
  SELECT 'mbr_' || n, 1, ${FIRST} + n * ${STEP_MS} + ${roll(1, HALF_AN_HOUR_MS)}, ${one(2, 'main', 'reviewer', 'ci')}, 'a', 's', 'main',
    ${one(3, 'anthropic:work', 'anthropic:home')}, 'anthropic', 'messages', NULL,
    ${one(4, 'claude-haiku-4-5', 'claude-haiku-4-5-20251001', 'claude-opus-4-7', null)}, 0,
    CASE ${roll(5, 40)} WHEN 0 THEN '{"project":"web"}' WHEN 1 THEN '{"feature":"x","project":"web"}' END,
    ${roll(6, 20)} = 0, ${one(7, 'ci', null, null)}
  FROM numbers`;

/** All but a few end: booked, held, neither, or booked without a price. */
const END = `
  UPDATE ledger SET ended_at_ms = admitted_at_ms + 1000, status = 200, completion = id,
    outcome = ${one(10, 'ok', 'ok', 'ok', 'client_left', 'server_error')}, is_simulated = ${roll(11, 50)} = 0,
    (usage_state, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens,
      reasoning_tokens, web_searches, cost_nano_usd, price_version, service_tier) = (
      SELECT ${one(12, 'reported', 'reported', 'partial', 'estimated')}, ${roll(13, 2_000)}, ${some(14, 100_000)},
        ${some(15, 5_000)}, ${some(16, 5_000)}, ${roll(17, 4_000)}, ${some(18, 1_000)}, ${some(19, 3)},
        CASE WHEN ${roll(20, 30)} > 0 THEN ${roll(21, 2_000_000_000)} END, '2026-11/anthropic/claude-haiku-4-5/1',
        ${one(22, null, null, null, null, 'batch')} WHERE ${roll(23, 10)} > 0),
    held_nano_usd = CASE WHEN ${roll(24, 10)} = 0 THEN ${roll(25, 1_000_000)} END,
    held_tokens = CASE WHEN ${roll(24, 10)} = 0 THEN ${roll(26, 1_000)} END
  WHERE ${roll(30, 1_000)} > 0`.replaceAll('(n *', '(id *');

const COUNTS = `count(*) AS requests, total(outcome = 'server_error') AS failed,
  total(input_tokens) AS inputTokens, total(cache_read_tokens) AS cacheReadTokens,
  total(cache_write_5m_tokens) AS cacheWrite5mTokens, total(cache_write_1h_tokens) AS cacheWrite1hTokens,
  total(output_tokens) AS outputTokens, total(reasoning_tokens) AS reasoningTokens, total(web_searches) AS webSearches,
  total(cost_nano_usd) AS costNanoUsd, total(usage_state IS NOT NULL AND cost_nano_usd IS NULL) AS unpriced,
  total(usage_state IN ('partial', 'estimated')) AS estimated, total(held_nano_usd) AS heldNanoUsd,
  total(held_tokens) AS heldTokens, total(held_nano_usd IS NOT NULL OR held_tokens IS NOT NULL) AS held`;
const COUNTED = [...COUNTS.matchAll(/AS (\w+)/g)].map(([, name]) => name!);

/** What lines of a report are called, over the rows themselves. */
const KEYS = {
  agent: 'agent_id',
  provider: 'provider',
  model: "provider || '/' || coalesce(replace(model_served, '-20251001', ''), '-')",
  profile: "profile_agent_id || '/' || profile_id",
  day: "strftime('%Y-%m-%d', admitted_at_ms / 1000, 'unixepoch')",
  feature: "labels ->> '$.feature'",
  project: "labels ->> '$.project'",
  label:
    'CASE labels WHEN \'{"project":"web"}\' THEN \'project=web\' WHEN \'{"feature":"x","project":"web"}\' THEN \'feature=x project=web\' END',
} as const;

describe(`${ENTRIES.toLocaleString('en-US')} random entries (seed ${SEED})`, () => {
  let books: ReturnType<typeof auditBooks>;
  beforeAll(() => {
    books = auditBooks();
    books.database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -300000');
    books.database.transaction(() => books.database.exec(`${ADMIT};${END}`));
  }, 300_000);
  afterAll(() => books[Symbol.dispose]());

  it('have sums by the quarter of an hour that are a full scan of them', () => {
    const keys = `admitted_at_ms / 900000, agent_id, provider, coalesce(model_served, ''), profile_agent_id, profile_id,
      coalesce(token_label, ''), is_simulated, is_subscription, coalesce(price_version, ''), coalesce(service_tier, ''),
      coalesce(inference_geo, '')`;
    const charged = 'sum(usage_state IS NOT NULL OR held_nano_usd IS NOT NULL OR held_tokens IS NOT NULL)';
    const scan = `SELECT ${keys}, ${COUNTS}, ${charged} FROM ledger WHERE ended_at_ms IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12`;
    const kept = `SELECT quarter, agent_id, provider, model, profile_agent_id, profile_id, token_label, is_simulated,
      is_subscription, price_version, service_tier, inference_geo, requests, failed, input_tokens, cache_read_tokens,
      cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, web_searches, cost_nano_usd, unpriced,
      estimated, held_nano_usd, held_tokens, held, charged FROM usage_quarters`;
    books.database.exec(`CREATE TEMP TABLE scanned AS ${scan}`);
    const differing = (a: string, b: string) => books.database.all(`${a} EXCEPT ${b}`);
    const scanned = 'SELECT * FROM scanned';
    expect([differing(scanned, kept), differing(kept, scanned)]).toEqual([[], []]);
    expect(books.database.get('SELECT sum(requests) AS n FROM usage_quarters')!.n).toBeGreaterThan(ENTRIES * 0.99);
  }, 300_000);

  it.each(USAGE_GROUPS)(
    'have a report by %s that is a full scan of them, from whichever moment on',
    (by) => {
      for (const sinceMs of [0, FIRST + Math.floor(DAYS_MS * 0.6543)].slice(by === 'model' ? 0 : 1)) {
        const scan = books.database.all<Record<string, unknown>>(
          `SELECT ${KEYS[by]} AS key, ${COUNTS} FROM ledger WHERE is_simulated = 0 AND admitted_at_ms >= ? GROUP BY 1`,
          sinceMs,
        );
        const lines = usageReport(books.database, { sinceMs, nowMs: FIRST + 10 * DAYS_MS, by }).lines.map((line) =>
          Object.fromEntries(['key', ...COUNTED].map((name) => [name, line[name as keyof typeof line]])),
        );
        expect(byKey(lines)).toEqual(byKey(scan.map((row) => ({ ...row }))));
      }
    },
    60_000,
  );

  it.each([
    ['everything', {}, '1'],
    ['an agent', { agentId: 'ci' }, "agent_id = 'ci'"],
    ['a profile', { profileAgentId: 'main', profileId: 'anthropic:work' }, "profile_id = 'anthropic:work'"],
    ['a label of tokens', { label: 'ci' }, "token_label = 'ci'"],
    ['a model', { provider: 'anthropic', model: 'claude-haiku-4-5' }, "model_served LIKE 'claude-haiku-4-5%'"],
  ])(
    'have spent of a budget of %s what a full scan of them adds up to',
    (_, scope, where) => {
      for (const sinceMs of [0, FIRST + Math.floor(DAYS_MS * 0.7654)]) {
        const scan = books.database.get(
          `SELECT total(cost_nano_usd) + total(held_nano_usd) AS nanoUsd, total(input_tokens) + total(cache_read_tokens)
           + total(cache_write_5m_tokens) + total(cache_write_1h_tokens) + total(output_tokens) + total(held_tokens) AS tokens,
           total(coalesce(usage_state, held_nano_usd, held_tokens) IS NOT NULL) AS requests
         FROM ledger WHERE ended_at_ms IS NOT NULL AND admitted_at_ms >= ? AND ${where}`,
          sinceMs,
        );
        expect(spentSince(books.database, { scope } as unknown as Budget, sinceMs)).toEqual({ ...scan });
      }
    },
    60_000,
  );
});

function byKey(lines: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return lines.toSorted((a, b) => (String(a.key) < String(b.key) ? -1 : 1));
}
