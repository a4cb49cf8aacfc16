import type { TokenBudget } from '../agents/policy.ts';
import type { AccessToken } from '../agents/token-store.ts';
import { amountOf, type Budget, type BudgetUnit } from './budget.ts';

/** As much of a token as its budget depends on. */
export type SpendingToken = Pick<AccessToken, 'accessor' | 'agentId' | 'createdAtMs' | 'policy'>;

/** The budget that a token carries: one for its whole life. Undefined: it carries none. */
export function tokenBudgetOf({ accessor, policy }: SpendingToken): Budget | undefined {
  if (!policy.budget) return undefined;
  return {
    name: accessor,
    scope: {},
    ...amountOf(policy.budget),
    per: 'total',
    isHard: policy.budget.enforcement === 'hard',
    alertAt: [],
    unpricedNanoUsd: undefined,
    accessor,
  };
}

/** What is left of a token's budget, as people and clients are shown it; dollars are whole nano-dollars. */
export interface BudgetLeft {
  readonly unit: BudgetUnit;
  readonly amount: number;
  readonly spent: number;
  readonly left: number;
  readonly enforcement: TokenBudget['enforcement'];
}

export function budgetLeft({ unit, amount, isHard }: Budget, spent: number): BudgetLeft {
  return { unit, amount, spent, left: Math.max(0, amount - spent), enforcement: isHard ? 'hard' : 'soft' };
}
