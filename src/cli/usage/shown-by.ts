import { usd } from '../../core/usd.ts';
import { isLabelGroup, type UsageGroup } from '../../ledger/usage-report.ts';
import type { UsageSums } from '../../ledger/usage-sums.ts';
import { cacheHitRate } from './cache-hit-rate.ts';

const UNKNOWN = {
  unread5mTokens: null,
  unread1hTokens: null,
  wastedNanoUsd: null,
  unvaluedUnreadTokens: null,
  wastedUsd: null,
};

/** Sums as JSON gives them: also in dollars, and null for what is not known by that group. */
export function shownBy(by: UsageGroup, sums: UsageSums): object {
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
