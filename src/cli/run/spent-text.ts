import { amountText } from '../../budgets/amount-text.ts';
import type { BudgetLeft } from '../../budgets/token-budget.ts';

/** `$0.40 of $2.00`. */
export function spentText({ unit, spent, amount }: BudgetLeft): string {
  return `${amountText(unit, spent)} of ${amountText(unit, amount)}`;
}
