import type { Admission, Completion } from '../ledger/ledger-row.ts';
import type { BudgetUnit } from './budget.ts';

/** What one completed row counts in budgets, by their unit; the rule by which `spent.ts` adds up the ledger. */
export function takenBy({
  booking,
  heldNanoUsd,
  heldTokens,
}: Pick<Admission & Completion, 'booking' | 'heldNanoUsd' | 'heldTokens'>): Record<BudgetUnit, number> {
  const isCharged = booking !== null || heldNanoUsd !== null || heldTokens !== null;
  return {
    nanoUsd: (booking?.costNanoUsd ?? 0) + (heldNanoUsd ?? 0),
    tokens: (booking ? tokensIn(booking) : 0) + (heldTokens ?? 0),
    requests: isCharged ? 1 : 0,
  };
}

function tokensIn(booking: NonNullable<Completion['booking']>): number {
  const { inputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens, outputTokens } = booking;
  return inputTokens + cacheReadTokens + cacheWrite5mTokens + cacheWrite1hTokens + outputTokens;
}
