import * as v from 'valibot';

const detailValue = v.union([v.string(), v.number(), v.boolean(), v.null(), v.array(v.string())]);
const maybeText = v.nullable(v.string());
const maybeNumber = v.nullable(v.number());

/** A decision: a row of the audit. */
const decisionSchema = v.strictObject({
  kind: v.literal('decision'),
  at: v.number(),
  seq: v.number(),
  actor: v.string(),
  action: v.string(),
  subject: v.string(),
  detail: v.record(v.string(), detailValue),
  sealed: v.boolean(),
});

/** What its answer used and cost; 10⁹ nano-dollars are a dollar. */
const bookingSchema = v.strictObject({
  usageState: v.picklist(['reported', 'partial', 'estimated']),
  inputTokens: v.number(),
  cacheReadTokens: v.number(),
  cacheWrite5mTokens: v.number(),
  cacheWrite1hTokens: v.number(),
  outputTokens: v.number(),
  reasoningTokens: v.number(),
  webSearches: v.number(),
  serviceTier: maybeText,
  inferenceGeo: maybeText,
  speed: maybeText,
  costTicks: maybeNumber,
  costNanoUsd: v.pipe(maybeNumber, v.description('null where no price is known.')),
  priceVersion: maybeText,
});

/** A request that was let out: a row of the ledger. */
const requestSchema = v.strictObject({
  kind: v.literal('request'),
  at: v.number(),
  id: v.number(),
  requestId: v.string(),
  attempt: v.number(),
  agentId: v.string(),
  accessor: v.string(),
  profileAgentId: v.string(),
  profileId: v.string(),
  provider: v.string(),
  route: v.string(),
  modelAsked: maybeText,
  modelServed: maybeText,
  stream: v.boolean(),
  firstByteAt: maybeNumber,
  endedAt: maybeNumber,
  status: maybeNumber,
  outcome: maybeText,
  sentBytes: v.number(),
  labels: v.record(v.string(), v.string()),
  subscription: v.boolean(),
  simulated: v.boolean(),
  booking: v.nullable(bookingSchema),
  tokenLabel: maybeText,
  reservedNanoUsd: maybeNumber,
  reservedTokens: maybeNumber,
  boundNanoUsd: maybeNumber,
  boundTokens: maybeNumber,
  heldNanoUsd: maybeNumber,
  heldTokens: maybeNumber,
});

export const storyItemSchema = v.variant('kind', [decisionSchema, requestSchema]);
