import * as v from 'valibot';
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

export const NO_LIMITS: Policy = {};

/** A policy as the database keeps it; null is no limits. What cannot be read allows nothing, so it is an error. */
export function parsePolicy(text: string | null): Policy {
  if (text === null) return NO_LIMITS;
  try {
    return v.parse(policySchema, JSON.parse(text));
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
