import * as v from 'valibot';
import { amountsIn } from '../config/budget-schema.ts';
import { MoltbotError } from '../core/errors.ts';

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000));

/** What a route is for, as a person names it in a policy; `routes` of providers carry the same words as `purpose`. */
export const ROUTE_NAMES = [
  'generate',
  'count',
  'models',
  'embeddings',
  'files',
  'batches',
  'responses',
  'other',
] as const;

/**
 * What an agent, or one of its tokens, may do. An absent field is no limit; an empty list allows nothing.
 * Kept as JSON in the database; the management API takes the same shape.
 */
export const policySchema = v.strictObject({
  /** Provider ids. */
  providers: v.optional(v.array(name)),
  /** `provider/model` in any spelling of the catalog, or `provider/*`. */
  models: v.optional(v.array(name)),
  routes: v.optional(v.array(v.picklist(ROUTE_NAMES))),
  requestsPerMinute: v.optional(count),
  /** Requests under way at the same time. */
  concurrency: v.optional(count),
});

export type Policy = v.InferOutput<typeof policySchema>;

const amount = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000_000_000));

/** What one token may spend in its whole life, renewals among it; exactly one of the amounts. */
export const tokenBudgetSchema = v.pipe(
  v.strictObject({
    /** Down to a micro-dollar. */
    usd: v.optional(v.pipe(v.number(), v.minValue(0.000_001), v.maxValue(1_000_000))),
    /** Of all kinds. */
    tokens: v.optional(amount),
    /** That were answered. */
    requests: v.optional(amount),
    /** As in budgets of the configuration: `hard` holds the worst case of every request, so the amount is never passed. */
    enforcement: v.optional(v.picklist(['soft', 'hard']), 'soft'),
  }),
  v.check((budget) => amountsIn(budget) === 1, 'Expected exactly one of usd, tokens and requests'),
);

export type TokenBudget = v.InferOutput<typeof tokenBudgetSchema>;

/** What a token may do: it alone can carry a budget; those of agents stand in the configuration. */
export const tokenPolicySchema = v.strictObject({ ...policySchema.entries, budget: v.optional(tokenBudgetSchema) });

export type TokenPolicy = v.InferOutput<typeof tokenPolicySchema>;

export const NO_LIMITS: Policy = {};

/** A policy as the database keeps it; null is no limits. What cannot be read allows nothing, so it is an error. */
export function parsePolicy(text: string | null): Policy {
  return parsed(policySchema, text);
}

/** The same of a token. */
export function parseTokenPolicy(text: string | null): TokenPolicy {
  return parsed(tokenPolicySchema, text);
}

function parsed<T extends Policy>(schema: v.GenericSchema<unknown, T>, text: string | null): T | typeof NO_LIMITS {
  if (text === null) return NO_LIMITS;
  try {
    return v.parse(schema, JSON.parse(text));
  } catch (cause) {
    throw new MoltbotError('DATABASE_CORRUPT', 'A stored policy cannot be read.', {
      hint: 'See which agent it is: moltbot doctor',
      cause,
    });
  }
}

export function policyText(policy: Policy | undefined): string | null {
  return policy === undefined || Object.keys(policy).length === 0 ? null : JSON.stringify(policy);
}
