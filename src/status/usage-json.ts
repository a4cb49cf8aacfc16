import { usd } from '../core/usd.ts';
import { cacheHitRate } from '../ledger/cache-hit-rate.ts';
import { isLabelGroup, type UsageGroup, type UsageQuery, type UsageReport } from '../ledger/usage-report.ts';
import type { UsageSums } from '../ledger/usage-sums.ts';

/** What is not known by labels. */
const UNKNOWN = {
  unread5mTokens: null,
  unread1hTokens: null,
  wastedNanoUsd: null,
  unvaluedUnreadTokens: null,
  wastedUsd: null,
};

/** A report as `usage --json` and the management API give it; a line has its key under the name of the group. */
export function usageJson(
  { lines, total, simulated, labelsSinceMs }: UsageReport,
  { sinceMs, by, timeZone = 'UTC' }: UsageQuery,
) {
  return {
    schemaVersion: 1 as const,
    since: sinceMs,
    by,
    timeZone,
    items: lines.map(({ key, ...sums }) => ({ ...{ [by]: key }, ...shownBy(by, sums) })),
    total: shownBy(by, total),
    simulated,
    labelsSince: labelsSinceMs,
  };
}

/** Sums also in dollars, and null for what is not known by that group. */
function shownBy(by: UsageGroup, sums: UsageSums) {
  return {
    ...sums,
    costUsd: usd(sums.costNanoUsd),
    savedUsd: usd(sums.savedNanoUsd),
    wastedUsd: usd(sums.wastedNanoUsd),
    heldUsd: usd(sums.heldNanoUsd),
    cacheHitRate: cacheHitRate(sums),
    ...(isLabelGroup(by) && UNKNOWN),
  };
}
