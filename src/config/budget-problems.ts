import { isTimeZone } from '../core/time.ts';
import { amountsIn } from './budget-schema.ts';
import { hasReference } from './environment.ts';
import { resolveModelRef } from './model-ref.ts';
import type { Problem } from './problem.ts';
import type { BudgetConfig, Config } from './schema.ts';

export type Report = (path: readonly (string | number)[], what: string, fix: string) => Problem;

/** What is wrong with budgets that their shape alone does not show. */
export function budgetProblems(config: Config, problem: Report): Problem[] {
  return Object.entries(config.budgets).flatMap(([name, budget]) => [
    ...amountProblem(name, budget, problem),
    ...scopeProblems(config, name, budget, problem),
  ]);
}

export function zoneProblem({ timeZone }: Config, problem: Report): Problem[] {
  if (hasReference(timeZone) || isTimeZone(timeZone)) return [];
  return [problem(['timeZone'], 'expected the name of a time zone', 'Write it as "Europe/Berlin", or "UTC".')];
}

function amountProblem(name: string, budget: BudgetConfig, problem: Report): Problem[] {
  const amounts = amountsIn(budget);
  if (amounts !== 1) {
    const fix = 'Give it one amount: "usd", "tokens" or "requests".';
    return [problem(['budgets', name], `this budget has ${amounts} amounts`, fix)];
  }
  if (budget.unpricedUsd === undefined || budget.usd !== undefined) return [];
  return [problem(['budgets', name, 'unpricedUsd'], 'only a budget in dollars has this', 'Leave it out.')];
}

function scopeProblems(config: Config, name: string, { scope }: BudgetConfig, problem: Report): Problem[] {
  if (scope === undefined || scope === 'everything') return [];
  const path = ['budgets', name, 'scope'];
  const { model, profile } = scope;
  if (Object.keys(scope).length === 0)
    return [problem(path, 'this scope is empty', 'Write "everything", or name an agent.')];
  return [
    ...(model === undefined || hasReference(model) || resolveModelRef(config, model)
      ? []
      : [problem([...path, 'model'], 'expected provider/model or an alias', 'Write the provider before it.')]),
    ...(profile === undefined || hasReference(profile) || /^[^/]+\/[^/:]+:.+$/.test(profile)
      ? []
      : [problem([...path, 'profile'], 'expected a profile with its owner', 'Write it as main/anthropic:work.')]),
  ];
}
