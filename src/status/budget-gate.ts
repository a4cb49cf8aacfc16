import type { Gate } from '../agents/policy-gates.ts';
import type { BudgetState } from '../budgets/budget-state.ts';
import { resetText } from '../budgets/reset-text.ts';
import { spentText } from '../budgets/spent-text.ts';
import type { StatusFacts } from './status-facts.ts';
import { usedUpBudget } from './used-up-budget.ts';

/** Closed while a used-up budget stops the agent's next request; none where no budget is about this agent. */
export function budgetGate(facts: StatusFacts): Gate[] {
  const { budgets, loaded } = facts;
  if (budgets.length === 0) return [];
  const usedUp = usedUpBudget(facts);
  if (!usedUp) return [{ name: 'budget', open: true, why: 'No budget of its next request is used up.' }];
  return [{ name: 'budget', open: false, why: usedUpText(usedUp, loaded.config.timeZone) }];
}

/** `Budget "main" is used up: $5.00 of $5.00. It resets at 2026-11-22 00:00 Europe/Berlin.` */
export function usedUpText({ budget, spent, window }: BudgetState, timeZone: string): string {
  const { name, unit, amount, per } = budget;
  const figures = spentText({ unit, spent, amount });
  return `Budget "${name}" is used up: ${figures}. ${resetText(per, window.endMs, timeZone)}`;
}
