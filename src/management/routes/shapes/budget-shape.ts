import * as v from 'valibot';
import { amountsIn, budgetSchema as writtenBudget } from '../../../config/budget-schema.ts';

const maybeNumber = v.nullable(v.number());

/** The object `BudgetStatus` of `status/budget-status.ts`; amounts in `unit`, 10⁹ nano-dollars are a dollar. */
export const budgetSchema = v.strictObject({
  name: v.string(),
  scope: v.strictObject({
    agent: v.optional(v.string()),
    profile: v.optional(v.string()),
    model: v.optional(v.string()),
    label: v.optional(v.string()),
  }),
  unit: v.picklist(['nanoUsd', 'tokens', 'requests']),
  per: v.picklist(['day', 'week', 'month', '30d', 'total']),
  timeZone: v.string(),
  enforcement: v.picklist(['soft', 'hard']),
  alertAt: v.array(v.number()),
  unpricedNanoUsd: maybeNumber,
  amount: v.number(),
  spent: v.number(),
  reserved: v.number(),
  remaining: v.number(),
  simulated: v.number(),
  held: v.number(),
  unpriced: v.number(),
  state: v.picklist(['open', 'used_up']),
  usedUpSince: maybeNumber,
  window: v.strictObject({ startsAt: v.number(), endsAt: maybeNumber }),
  emptyAt: maybeNumber,
  usd: v.nullable(
    v.strictObject({ amount: v.string(), spent: v.string(), reserved: v.string(), remaining: v.string() }),
  ),
});

/** `BudgetOutlook`. */
export const budgetOutlookSchema = v.strictObject({
  ...budgetSchema.entries,
  overshoot: maybeNumber,
  overshootUsd: v.nullable(v.string()),
  largestRequest: v.nullable(v.strictObject({ amount: v.number(), model: v.string(), seen: v.boolean() })),
});

/** A budget as the config has it, with exactly one amount. */
export const budgetInput = v.pipe(
  writtenBudget,
  v.check((budget) => amountsIn(budget) === 1, 'Expected one amount: usd, tokens or requests'),
);
