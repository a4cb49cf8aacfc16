import { normalizeModel } from '../catalog/models.ts';
import type { Config } from '../config/schema.ts';
import { QUARTER_MS } from '../core/time.ts';
import { fewerUnread } from '../database/cache-writes.ts';
import type { Database } from '../database/database.ts';
import { QUARTERS_A_DAY } from '../database/usage-days.ts';
import { LEDGER_AS_USAGE, USAGE_COLUMNS } from '../database/usage-quarters.ts';
import { dayOfQuarter } from './day-of-quarter.ts';
import { LABEL_GROUPS, type LabelGroup, labelledUsage } from './labelled-usage.ts';
import { lastCut } from './prune-ledger.ts';
import { added, NO_SUMS, sumsOf, type UsageSums } from './usage-sums.ts';
import { countsBy, type UsedCounts } from './used-counts.ts';

export const USAGE_GROUPS = ['agent', 'provider', 'model', 'profile', 'day', ...LABEL_GROUPS] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

export interface UsageQuery {
  readonly sinceMs: number;
  /** What was written to a cache that lives now may still be read. */
  readonly nowMs: number;
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
  /** By labels: what ended before has gone with its age, and is counted as without a label; null: nothing of that time. */
  readonly labelsSinceMs: number | null;
}

/** By labels it is not known what was wasted. */
export function isLabelGroup(by: UsageGroup): by is LabelGroup {
  return (LABEL_GROUPS as readonly string[]).includes(by);
}

/** Of a gateway that never ran. */
export const NO_REPORT: UsageReport = { lines: [], total: NO_SUMS, simulated: 0, labelsSinceMs: null };

const NEVER = Number.MAX_SAFE_INTEGER;

const KEYS: Record<Exclude<UsageGroup, LabelGroup | 'day'>, string> = {
  agent: 'agent_id',
  provider: 'provider',
  model: "provider || '/' || model",
  profile: "profile_agent_id || '/' || profile_id",
};

/**
 * All since ?1 (of the agent ?2): from the quarter ?5 on what is counted by days, before it from ?3 on by quarters, before
 * that what is left of one row by row, and what is still under way. Of what nobody read from a cache yet, only what is gone
 * at ?4.
 */
const USED = `
  SELECT ${USAGE_COLUMNS} FROM usage_days WHERE quarter >= ?5
  UNION ALL SELECT ${USAGE_COLUMNS} FROM usage_quarters WHERE quarter >= ?3 AND quarter < ?5
  UNION ALL ${LEDGER_AS_USAGE} INDEXED BY ledger_by_time
    WHERE admitted_at_ms >= ?1 AND admitted_at_ms < ?3 * ${QUARTER_MS} AND ended_at_ms IS NOT NULL
  UNION ALL ${LEDGER_AS_USAGE} INDEXED BY ledger_open WHERE ended_at_ms IS NULL AND admitted_at_ms >= ?1
  UNION ALL ${fewerUnread('unread_tokens')} WHERE lives_until_ms >= ?4 AND admitted_at_ms >= ?3 * ${QUARTER_MS}`;

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
  const labelsSinceMs = isLabelGroup(by) ? goneBefore(database, query.sinceMs) : null;
  return { lines, total: lines.reduce<UsageSums>(added, NO_SUMS), simulated, labelsSinceMs };
}

function usedBy(database: Database, query: UsageQuery): UsedCounts[] {
  const { sinceMs, nowMs, by, agentId } = query;
  const firstQuarter = firstQuarterOf(database, sinceMs);
  const sql = countsBy(keyOf(database, query), USED);
  const firstDay = mayCountByDays(query) ? Math.ceil(firstQuarter / QUARTERS_A_DAY) * QUARTERS_A_DAY : NEVER;
  const used = database.all<UsedCounts>(sql, sinceMs, agentId ?? null, firstQuarter, nowMs, firstDay);
  return isLabelGroup(by) ? labelledUsage(database, used.map(withoutUnread), { sinceMs, agentId, by }) : used;
}

/** Days of UTC tell nothing of other zones' days. */
function mayCountByDays({ by, timeZone = 'UTC' }: UsageQuery): boolean {
  return by !== 'day' || timeZone === 'UTC';
}

/** Where rows have gone, only whole quarters are known: then the one that has begun is counted, too. */
function firstQuarterOf(database: Database, sinceMs: number): number {
  const areRowsGone = goneBefore(database, sinceMs) !== null;
  return areRowsGone ? Math.floor(sinceMs / QUARTER_MS) : Math.ceil(sinceMs / QUARTER_MS);
}

/** Before which time rows have gone, if rows since then have. */
function goneBefore(database: Database, sinceMs: number): number | null {
  const beforeAtMs = lastCut(database)?.beforeAtMs ?? 0;
  return sinceMs < beforeAtMs ? beforeAtMs : null;
}

function keyOf(database: Database, { by, sinceMs, timeZone = 'UTC' }: UsageQuery): string {
  if (isLabelGroup(by)) return 'NULL';
  return by === 'day' ? dayOfQuarter(database, timeZone, sinceMs) : KEYS[by];
}

/** The sums of what was never read know no labels: no line could say how much of it is its own. */
function withoutUnread(counts: UsedCounts): UsedCounts {
  return { ...counts, unread5mTokens: 0, unread1hTokens: 0 };
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
