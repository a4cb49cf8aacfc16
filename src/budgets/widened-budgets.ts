import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/schema.ts';
import { type Budget, type BudgetScope, type BudgetWindow, budgetsOf } from './budget.ts';

type Prices = Config['models']['prices'];

/** Windows that have the whole of another one in them: what fits such a one fits that, too. */
const LONGER: Readonly<Record<BudgetWindow, readonly BudgetWindow[]>> = {
  day: ['week', 'month', '30d', 'total'],
  week: ['30d', 'total'],
  month: ['total'],
  '30d': ['total'],
  total: [],
};

/**
 * The keys of a new configuration that let more be spent than the one before: a budget that is removed, raised,
 * softened, about less or for a shorter time, a time zone in which days begin anew, a price that reckons less. A new or
 * a narrower budget is none of them.
 */
export function widenedBudgets(before: Config, after: Config): string[] {
  const earlier = budgetsOf(before);
  const now = new Map(budgetsOf(after).map((budget) => [budget.name, budget]));
  const isMoved = before.timeZone !== after.timeZone && earlier.some(({ per }) => per !== '30d' && per !== 'total');
  return [
    ...earlier.filter((budget) => isWider(budget, now.get(budget.name))).map(({ name }) => `budgets.${name}`),
    ...(isMoved ? ['timeZone'] : []),
    ...(earlier.some(({ unit }) => unit === 'nanoUsd') ? cheaper(before.models.prices, after.models.prices) : []),
  ];
}

function isWider(before: Budget, after: Budget | undefined): boolean {
  if (!after || after.unit !== before.unit) return true;
  const isAsLong = after.per === before.per || LONGER[before.per].includes(after.per);
  return (
    after.amount > before.amount ||
    (before.isHard && !after.isHard) ||
    !isAsLong ||
    !isWithin(before.scope, after.scope) ||
    unpricedCharge(after) < unpricedCharge(before)
  );
}

/** Whether all that counts in the first scope counts in the second. */
function isWithin(scope: BudgetScope, other: BudgetScope): boolean {
  return Object.entries(other).every(([part, value]) => scope[part as keyof BudgetScope] === value);
}

/** What a request without a known price takes of a budget: one that refuses it is dearest. */
function unpricedCharge({ unit, isHard, unpricedNanoUsd }: Budget): number {
  if (unit !== 'nanoUsd') return 0;
  return unpricedNanoUsd ?? (isHard ? Number.POSITIVE_INFINITY : 0);
}

/** Own prices that are new or gone, or of which some figure is lower. */
function cheaper(before: Prices, after: Prices): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys]
    .filter((key) => !isDeepStrictEqual(before[key], after[key]) && !isDearer(before[key], after[key]))
    .map((key) => `models.prices["${key}"]`);
}

/** The same figures, none of them lower. */
function isDearer(before: Prices[string] | undefined, after: Prices[string] | undefined): boolean {
  if (!before || !after) return false;
  const [earlier, now] = [figuresOf(before), figuresOf(after)];
  const names = new Set([...earlier.keys(), ...now.keys()]);
  return [...names].every((name) => (now.get(name) ?? Number.NaN) >= (earlier.get(name) ?? Number.NaN));
}

function figuresOf(price: Prices[string]): Map<string, number | undefined> {
  return new Map(Object.entries(price));
}
