import type { Budget } from '../../budgets/budget.ts';

/** A budget as the subject of a sentence: `Budget "main"`. */
export function budgetTitle({ name, accessor }: Budget): string {
  return accessor === undefined ? `Budget "${name}"` : 'The budget of this access token';
}

/** The same of a hard one, within a sentence. */
export function hardBudget({ name, accessor }: Budget): string {
  return accessor === undefined ? `the hard budget "${name}"` : 'the hard budget of this access token';
}
