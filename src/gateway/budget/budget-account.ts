import type { Account } from '../../budgets/account.ts';
import type { Estimate } from '../../budgets/estimate.ts';
import type { Spender } from '../../budgets/scope.ts';
import type { SpendingToken } from '../../budgets/token-budget.ts';
import type { Verdict } from '../../budgets/verdict.ts';

/** One attempt that holds something of the budgets that cover it. */
export interface Holder {
  readonly admittedAtMs: number;
  readonly spender: Spender;
  readonly token: SpendingToken;
  readonly estimate: Estimate;
}

export type BudgetAccount = Account<Holder>;

export type BudgetAnswer =
  | Verdict<BudgetAccount>
  /** A hard budget cannot hold what nobody knows. */
  | { readonly kind: 'unknown'; readonly account: BudgetAccount };
