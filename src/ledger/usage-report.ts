import { normalizeModel } from '../catalog/models.ts';
import type { Config } from '../config/schema.ts';
import { QUARTER_MS } from '../core/time.ts';
import type { Database } from '../database/database.ts';
import { LEDGER_AS_USAGE, USAGE_COLUMNS } from '../database/usage-quarters.ts';
import { dayOfQuarter } from './day-of-quarter.ts';
import { LABEL_GROUPS, type LabelGroup, labelledUsage } from './labelled-usage.ts';
import { added, NO_SUMS, sumsOf, type UsageSums } from './usage-sums.ts';
import { countsBy, type UsedCounts } from './used-counts.ts';

export const USAGE_GROUPS = ['agent', 'provider', 'model', 'profile', 'day', ...LABEL_GROUPS] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

export interface UsageQuery {
  readonly sinceMs: number;
  readonly by: UsageGroup;
  readonly agentId?: string | undefined;
  /** IANA name: where days begin and end. UTC where it is left out. */
  readonly timeZone?: string | undefined;
  /** The prices a person set (`models.prices`); for what caches saved. */
  readonly ownPrices?: Config['models']['prices'] | undefined;
}

/**
 * `key`: an agent, a provider, `provider/model`, `agent/profile`, a day (`2026-11-21`), the value of a label, or all
 * labels (`feature=search project=web`); null: without such a label.
 */
export type UsageLine = UsageSums & { readonly key: string | null };

export interface UsageReport {
  readonly lines: readonly UsageLine[];
  /** The sum of the lines. */
  readonly total: UsageSums;
  /** Rows of simulators in that time. */
  readonly simulated: number;
}

/** Of a gateway that never ran. */
export const NO_REPORT: UsageReport = { lines: [], total: NO_SUMS, simulated: 0 };

const KEYS: Record<Exclude<UsageGroup, LabelGroup | 'day'>, string> = {
  agent: 'agent_id',
  provider: 'provider',
  model: "provider || '/' || model",
  profile: "profile_agent_id || '/' || profile_id",
};

/**
 * All since ?1 (of the agent ?2): from the quarter ?3 on what is counted by quarters, before it what is left of one row by
 * row, and what is still under way.
 */
const USED = `
  SELECT ${USAGE_COLUMNS} FROM usage_quarters WHERE quarter >= ?3
  UNION ALL ${LEDGER_AS_USAGE} INDEXED BY ledger_by_time
    WHERE admitted_at_ms >= ?1 AND admitted_at_ms < ?3 * ${QUARTER_MS} AND ended_at_ms IS NOT NULL
  UNION ALL ${LEDGER_AS_USAGE} INDEXED BY ledger_open WHERE ended_at_ms IS NULL AND admitted_at_ms >= ?1`;

/** What was used since then: dearest first, days in order. Every row is in one line, so the total is their sum. */
export function usageReport(database: Database, query: UsageQuery): UsageReport {
  const { by, ownPrices = {} } = query;
  const used = database.snapshot(() => usedBy(database, query));
  const byKey = new Map<string | null, UsageLine>();
  for (const counts of used) {
    if (counts.isSimulated === 1) continue;
    const key = by === 'model' ? modelKey(counts) : counts.key;
    byKey.set(key, { ...added(byKey.get(key) ?? NO_SUMS, sumsOf(counts, ownPrices)), key });
  }
  const simulated = used.reduce((sum, { isSimulated, requests }) => sum + isSimulated * requests, 0);
  const lines = [...byKey.values()].sort(by === 'day' ? inOrder : byCost);
  return { lines, total: lines.reduce<UsageSums>(added, NO_SUMS), simulated };
}

function usedBy(database: Database, { sinceMs, by, agentId, timeZone = 'UTC' }: UsageQuery): UsedCounts[] {
  const isLabel = (LABEL_GROUPS as readonly string[]).includes(by);
  const key = isLabel
    ? 'NULL'
    : by === 'day'
      ? dayOfQuarter(database, timeZone, sinceMs)
      : KEYS[by as keyof typeof KEYS];
  const used = database.all<UsedCounts>(countsBy(key, USED), sinceMs, agentId ?? null, Math.ceil(sinceMs / QUARTER_MS));
  return isLabel ? labelledUsage(database, used, { sinceMs, agentId, by: by as LabelGroup }) : used;
}

/** Spellings of one model are one line. */
function modelKey({ provider, model }: UsedCounts): string {
  return `${provider}/${normalizeModel(provider, model) || '-'}`;
}

function byCost(a: UsageLine, b: UsageLine): number {
  return b.costNanoUsd - a.costNanoUsd || b.requests - a.requests || inOrder(a, b);
}

function inOrder(a: UsageLine, b: UsageLine): number {
  return (a.key ?? '') < (b.key ?? '') ? -1 : 1;
}
