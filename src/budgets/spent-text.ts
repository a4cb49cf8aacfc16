import { amountText } from './amount-text.ts';
import type { BudgetLeft } from './token-budget.ts';

/** `$0.40 of $2.00`. */
export function spentText({ unit, spent, amount }: Pick<BudgetLeft, 'unit' | 'spent' | 'amount'>): string {
  return `${amountText(unit, spent)} of ${amountText(unit, amount)}`;
}
