import type { Budget } from './budget.ts';

/** What one request may take and what such requests usually take. Dollars are whole nano-dollars. */
export interface Estimate {
  /** Undefined: there is none, and `unknown` says why. */
  readonly boundNanoUsd: number | undefined;
  readonly boundTokens: number | undefined;
  readonly usualNanoUsd: number;
  readonly usualTokens: number;
  readonly unknown: { readonly kind: 'unpriced' | 'unbounded'; readonly why: string } | undefined;
}

/** What an estimate means for one budget; undefined: a hard budget cannot say what to hold. */
export function claimOf(budget: Budget, estimate: Estimate): { usual: number; bound: number } | undefined {
  if (budget.unit === 'requests') return { usual: 1, bound: 1 };
  const ceiling = budget.unit === 'nanoUsd' ? budget.unpricedNanoUsd : undefined;
  const known = budget.unit === 'nanoUsd' ? estimate.boundNanoUsd : estimate.boundTokens;
  const usual = budget.unit === 'nanoUsd' ? estimate.usualNanoUsd : estimate.usualTokens;
  if (known !== undefined) return { usual: Math.min(usual, known), bound: known };
  if (ceiling !== undefined) return { usual: ceiling, bound: ceiling };
  return budget.isHard ? undefined : { usual, bound: usual };
}

/** What stays charged when nothing is ever heard of the answer: the worst case where a hard budget covers it. */
export interface Reserved {
  readonly reservedNanoUsd: number | null;
  readonly reservedTokens: number | null;
  readonly boundNanoUsd: number | null;
  readonly boundTokens: number | null;
}

/** Where no budget covers a request. */
export const NOTHING_RESERVED: Reserved = {
  reservedNanoUsd: null,
  reservedTokens: null,
  boundNanoUsd: null,
  boundTokens: null,
};

/** What the ledger keeps of a reservation under these budgets. */
export function reservedOf(budgets: readonly Budget[], estimate: Estimate): Reserved {
  if (budgets.length === 0) return NOTHING_RESERVED;
  const isHard = budgets.some((budget) => budget.isHard);
  const ceilings = budgets.map(({ unpricedNanoUsd = 0 }) => unpricedNanoUsd);
  const atMost = Math.max(estimate.usualNanoUsd, ...ceilings);
  const boundNanoUsd = estimate.boundNanoUsd ?? atMost;
  const boundTokens = estimate.boundTokens ?? null;
  return {
    reservedNanoUsd:
      isHard || estimate.boundNanoUsd === undefined ? boundNanoUsd : Math.min(estimate.usualNanoUsd, boundNanoUsd),
    reservedTokens: isHard ? boundTokens : estimate.usualTokens,
    boundNanoUsd,
    boundTokens,
  };
}
