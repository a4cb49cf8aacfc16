import * as v from 'valibot';
import { ROUTE_NAMES } from '../../../agents/policy.ts';
import { agentIdSchema, countSchema, plainText, providerIdSchema, timeSchema } from './ids.ts';
import { pauseSchema } from './pause-shape.ts';

const MOST_NAMES = 200;
const MOST_LABELS = 50;

/** A policy as it is taken: the shape of `agents/policy.ts`, with names that say something. */
export const policyInput = v.strictObject({
  providers: v.optional(v.pipe(v.array(providerIdSchema), v.maxLength(MOST_NAMES))),
  models: v.optional(v.pipe(v.array(plainText(200)), v.maxLength(MOST_NAMES))),
  routes: v.optional(v.array(v.picklist(ROUTE_NAMES))),
  requestsPerMinute: v.optional(countSchema),
  concurrency: v.optional(countSchema),
});

/** The same as it is shown. */
export const policySchema = v.strictObject({
  providers: v.optional(v.array(v.string())),
  models: v.optional(v.array(v.string())),
  routes: v.optional(v.array(v.string())),
  requestsPerMinute: v.optional(v.number()),
  concurrency: v.optional(v.number()),
});

export const labelsInput = v.pipe(
  v.record(plainText(63), plainText(200)),
  v.check((labels) => Object.keys(labels).length <= MOST_LABELS, `Expected at most ${MOST_LABELS} labels`),
);

/** What may be said about an agent beside its name; null takes an expiry away. */
export const termsInput = {
  expiresAt: v.optional(v.nullable(timeSchema)),
  policy: v.optional(policyInput),
  labels: v.optional(labelsInput),
};

export const agentSchema = v.strictObject({
  id: agentIdSchema,
  state: v.picklist(['active', 'paused', 'expired']),
  pause: v.nullable(pauseSchema),
  createdAt: v.number(),
  expiresAt: v.nullable(v.number()),
  policy: policySchema,
  labels: v.record(v.string(), v.string()),
  profiles: v.array(v.string()),
  liveTokens: v.number(),
});
