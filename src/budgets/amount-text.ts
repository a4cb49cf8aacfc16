import { dollars } from '../core/usd.ts';
import type { BudgetUnit } from './budget.ts';

/** An amount in words for people: `$5.00`, `1,200 tokens`, `1 request`. */
export function amountText(unit: BudgetUnit, amount: number): string {
  if (unit === 'nanoUsd') return dollars(amount);
  const word = unit === 'tokens' ? 'token' : 'request';
  return `${amount.toLocaleString('en-US')} ${word}${amount === 1 ? '' : 's'}`;
}
