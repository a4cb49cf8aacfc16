import { normalizeModel } from '../catalog/models.ts';
import { HOUR_MS } from '../core/time.ts';
import type { Database } from '../database/database.ts';
import { LEDGER_AS_USAGE, USAGE_COLUMNS } from '../database/usage-hours.ts';

export const USAGE_GROUPS = ['agent', 'provider', 'model', 'profile', 'day'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

export interface UsageQuery {
  readonly sinceMs: number;
  readonly by: UsageGroup;
  readonly agentId?: string | undefined;
}

/** Sums over rows of the ledger; those of simulators are not among them. */
export interface UsageSums {
  /** Attempts that were let out to a provider. */
  readonly requests: number;
  readonly failed: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  /** Of the rows whose price is known. */
  readonly costNanoUsd: number;
  /** Rows that used something whose price is not known: their cost is in no sum. */
  readonly unpriced: number;
  /** Rows whose figures are not, or not all, the provider's word. */
  readonly estimated: number;
  /** Rows that a subscription paid for. */
  readonly subscription: number;
}

/** `key`: an agent, a provider, `provider/model`, `agent/profile`, or a day (UTC, `2026-11-21`). */
export type UsageLine = UsageSums & { readonly key: string };

export interface UsageReport {
  readonly lines: readonly UsageLine[];
  /** The sum of the lines. */
  readonly total: UsageSums;
  /** Rows of simulators in that time. */
  readonly simulated: number;
}

const NOTHING: UsageSums = {
  requests: 0,
  failed: 0,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  costNanoUsd: 0,
  unpriced: 0,
  estimated: 0,
  subscription: 0,
};
/** Of a gateway that never ran. */
export const NO_REPORT: UsageReport = { lines: [], total: NOTHING, simulated: 0 };
const FIELDS = Object.keys(NOTHING) as (keyof UsageSums)[];

const KEYS: Record<UsageGroup, string> = {
  agent: 'agent_id',
  provider: 'provider',
  model: "provider || '/' || model",
  profile: "profile_agent_id || '/' || profile_id",
  day: "date(hour * 3600, 'unixepoch')",
};

/**
 * All since ?1 (of the agent ?2): from the hour ?3 on what is counted by the hour, before it what is left of an hour row
 * by row, and what is still under way.
 */
const USED = `used (${USAGE_COLUMNS}) AS (
  SELECT ${USAGE_COLUMNS} FROM usage_hours WHERE hour >= ?3
  UNION ALL ${LEDGER_AS_USAGE} INDEXED BY ledger_by_time
    WHERE admitted_at_ms >= ?1 AND admitted_at_ms < ?3 * ${HOUR_MS} AND ended_at_ms IS NOT NULL
  UNION ALL ${LEDGER_AS_USAGE} INDEXED BY ledger_open WHERE ended_at_ms IS NULL AND admitted_at_ms >= ?1)`;
const WHERE = '(?2 IS NULL OR agent_id = ?2)';

/** What was used since then: dearest first, days in order. Every row is in one line, so the total is their sum. */
export function usageReport(database: Database, { sinceMs, by, agentId }: UsageQuery): UsageReport {
  const values = [sinceMs, agentId ?? null, Math.ceil(sinceMs / HOUR_MS)] as const;
  const { rows, simulated } = database.snapshot(() => ({
    rows: database.all<UsageLine & Record<string, string | number>>(sumsBy(KEYS[by]), ...values),
    simulated: database.get<{ count: number }>(
      `WITH ${USED} SELECT coalesce(sum(requests), 0) AS count FROM used WHERE is_simulated = 1 AND ${WHERE}`,
      ...values,
    )!.count,
  }));
  const lines = by === 'model' ? merged(rows) : rows;
  return { lines: lines.sort(by === 'day' ? byKey : byCost), total: lines.reduce(added, NOTHING), simulated };
}

function sumsBy(key: string): string {
  return `WITH ${USED} SELECT ${key} AS key, sum(requests) AS requests, sum(failed) AS failed,
      sum(input_tokens) AS inputTokens, sum(cache_read_tokens) AS cacheReadTokens,
      sum(cache_write_5m_tokens + cache_write_1h_tokens) AS cacheWriteTokens, sum(output_tokens) AS outputTokens,
      sum(cost_nano_usd) AS costNanoUsd, sum(unpriced) AS unpriced, sum(estimated) AS estimated,
      sum(requests * is_subscription) AS subscription
    FROM used WHERE is_simulated = 0 AND ${WHERE} GROUP BY 1`;
}

/** Spellings of one model are one line. */
function merged(rows: readonly UsageLine[]): UsageLine[] {
  const byModel = new Map<string, UsageLine>();
  for (const row of rows) {
    const slash = row.key.indexOf('/');
    const provider = row.key.slice(0, slash);
    const key = `${provider}/${normalizeModel(provider, row.key.slice(slash + 1)) || '-'}`;
    byModel.set(key, { key, ...added(byModel.get(key) ?? NOTHING, row) });
  }
  return [...byModel.values()];
}

function added(a: UsageSums, b: UsageSums): UsageSums {
  return Object.fromEntries(FIELDS.map((field) => [field, a[field] + b[field]])) as unknown as UsageSums;
}

function byCost(a: UsageLine, b: UsageLine): number {
  return b.costNanoUsd - a.costNanoUsd || b.requests - a.requests || byKey(a, b);
}

function byKey(a: UsageLine, b: UsageLine): number {
  return a.key < b.key ? -1 : 1;
}
