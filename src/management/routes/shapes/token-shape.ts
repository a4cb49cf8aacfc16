import * as v from 'valibot';
import { tokenBudgetSchema } from '../../../agents/policy.ts';
import type { AccessToken } from '../../../agents/token-store.ts';
import type { BudgetLeft } from '../../../budgets/token-budget.ts';
import { policySchema } from './agent-shape.ts';

const tokenPolicySchema = v.strictObject({ ...policySchema.entries, budget: v.optional(tokenBudgetSchema) });
const budgetLeftSchema = v.strictObject({
  unit: v.picklist(['nanoUsd', 'tokens', 'requests']),
  amount: v.number(),
  spent: v.number(),
  left: v.number(),
  enforcement: v.picklist(['soft', 'hard']),
});

/** A token as it is listed: everything but the token. */
export const tokenSchema = v.strictObject({
  accessor: v.string(),
  agentId: v.string(),
  providers: v.nullable(v.array(v.string())),
  profileId: v.nullable(v.string()),
  policy: tokenPolicySchema,
  budget: v.pipe(v.nullable(budgetLeftSchema), v.description('What is left of the budget in its policy.')),
  usesLeft: v.nullable(v.number()),
  agentKeyId: v.nullable(v.string()),
  label: v.nullable(v.string()),
  createdAt: v.number(),
  expiresAt: v.number(),
  renewableUntil: v.nullable(v.number()),
});

export function shownToken(
  token: AccessToken,
  left: ReadonlyMap<string, BudgetLeft>,
): v.InferOutput<typeof tokenSchema> {
  const { accessor, agentId, profileId, policy, usesLeft, agentKeyId, label } = token;
  return {
    accessor,
    agentId,
    providers: token.providers && [...token.providers],
    profileId,
    policy,
    budget: left.get(accessor) ?? null,
    usesLeft,
    agentKeyId,
    label,
    createdAt: token.createdAtMs,
    expiresAt: token.expiresAtMs,
    renewableUntil: token.renewUntilMs,
  };
}
