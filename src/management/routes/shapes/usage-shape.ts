import * as v from 'valibot';
import { USAGE_GROUPS } from '../../../ledger/usage-report.ts';

const unknownByLabel = v.nullable(v.number());

/** 10⁹ nano-dollars are a dollar; `…Usd` are dollars to the micro-dollar. */
const sums = {
  requests: v.number(),
  failed: v.number(),
  inputTokens: v.number(),
  cacheReadTokens: v.number(),
  cacheWriteTokens: v.number(),
  cacheWrite5mTokens: v.number(),
  cacheWrite1hTokens: v.number(),
  outputTokens: v.number(),
  reasoningTokens: v.number(),
  webSearches: v.number(),
  costNanoUsd: v.number(),
  costUsd: v.string(),
  unpriced: v.number(),
  estimated: v.number(),
  subscription: v.number(),
  held: v.number(),
  heldNanoUsd: v.number(),
  heldTokens: v.number(),
  heldUsd: v.string(),
  savedNanoUsd: v.number(),
  savedUsd: v.string(),
  unvaluedCacheReadTokens: v.number(),
  unread5mTokens: unknownByLabel,
  unread1hTokens: unknownByLabel,
  wastedNanoUsd: unknownByLabel,
  wastedUsd: v.nullable(v.string()),
  unvaluedUnreadTokens: unknownByLabel,
  cacheHitRate: v.nullable(v.number()),
};
const key = v.optional(v.nullable(v.string()));

/** The object of `status/usage-json.ts`. A line has its key under the name of the group. */
export const usageSchema = v.strictObject({
  schemaVersion: v.literal(1),
  since: v.number(),
  by: v.picklist(USAGE_GROUPS),
  /** Of its days. */
  timeZone: v.string(),
  items: v.array(
    v.strictObject({
      agent: key,
      provider: key,
      model: key,
      profile: key,
      day: key,
      feature: key,
      project: key,
      label: key,
      ...sums,
    }),
  ),
  total: v.strictObject(sums),
  simulated: v.number(),
  /** By labels: what ended before has gone, and is counted as without a label. */
  labelsSince: v.nullable(v.number()),
});
