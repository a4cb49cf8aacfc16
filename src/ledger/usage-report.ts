import { normalizeModel } from '../catalog/models.ts';
import type { Database } from '../database/database.ts';
import { FAILED } from './ledger-store.ts';

export const USAGE_GROUPS = ['agent', 'model', 'profile', 'day'] as const;
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

/** `key`: an agent, `provider/model`, `agent/profile`, or a day (UTC, `2026-11-21`). */
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
  model: "provider || '/' || coalesce(model_served, '')",
  profile: "profile_agent_id || '/' || profile_id",
  day: "date(admitted_at_ms / 1000, 'unixepoch')",
};

const WHERE = 'admitted_at_ms >= ?1 AND (?2 IS NULL OR agent_id = ?2)';

/** What was used since then: dearest first, days in order. Every row is in one line, so the total is their sum. */
export function usageReport(database: Database, { sinceMs, by, agentId }: UsageQuery): UsageReport {
  const values = [sinceMs, agentId ?? null] as const;
  const { rows, simulated } = database.snapshot(() => ({
    rows: database.all<UsageLine & Record<string, string | number>>(sumsBy(KEYS[by]), ...values),
    simulated: database.get<{ count: number }>(
      `SELECT count(*) AS count FROM ledger WHERE is_simulated = 1 AND ${WHERE}`,
      ...values,
    )!.count,
  }));
  const lines = by === 'model' ? merged(rows) : rows;
  return { lines: lines.sort(by === 'day' ? byKey : byCost), total: lines.reduce(added, NOTHING), simulated };
}

function sumsBy(key: string): string {
  return `SELECT ${key} AS key, count(*) AS requests, coalesce(sum(${FAILED}), 0) AS failed,
      coalesce(sum(input_tokens), 0) AS inputTokens, coalesce(sum(cache_read_tokens), 0) AS cacheReadTokens,
      coalesce(sum(cache_write_5m_tokens + cache_write_1h_tokens), 0) AS cacheWriteTokens,
      coalesce(sum(output_tokens), 0) AS outputTokens, coalesce(sum(cost_nano_usd), 0) AS costNanoUsd,
      sum(usage_state IS NOT NULL AND cost_nano_usd IS NULL) AS unpriced,
      sum(usage_state IS NOT NULL AND usage_state <> 'reported') AS estimated,
      sum(is_subscription) AS subscription
    FROM ledger WHERE is_simulated = 0 AND ${WHERE} GROUP BY 1`;
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
