import { claimOf, type Estimate } from '../../budgets/estimate.ts';
import { type Claim, verdictOn } from '../../budgets/verdict.ts';
import type { BudgetAccount, BudgetAnswer } from './budget-account.ts';

/** What these budgets say of one attempt, and what it wants of each that can tell. Holds nothing. */
export function askBudgets(
  accounts: readonly BudgetAccount[],
  estimate: Estimate,
): { claims: readonly Claim<BudgetAccount>[]; answer: BudgetAnswer } {
  const known = accounts.map((account) => ({ account, claim: claimOf(account.budget, estimate) }));
  const claims = known.flatMap(({ account, claim }) => (claim ? { account, ...claim } : []));
  const unknown = known.find(({ claim }) => !claim)?.account;
  const verdict = verdictOn(claims);
  const answer = unknown && verdict.kind !== 'used_up' ? ({ kind: 'unknown', account: unknown } as const) : verdict;
  return { claims, answer };
}
