import * as v from 'valibot';
import { PROVIDER_SPEND_LIMIT } from '../../../rotation/spend-limit.ts';
import { UNUSABLE_REASONS } from '../../../rotation/types.ts';
import { budgetSchema } from './budget-shape.ts';
import { pauseSchema } from './pause-shape.ts';

const texts = v.array(v.string());
const maybeText = v.nullable(v.string());

export const gateSchema = v.strictObject({
  name: v.string(),
  open: v.boolean(),
  why: v.string(),
  cause: v.optional(v.literal(PROVIDER_SPEND_LIMIT)),
});

/** What a provider said of one of its limits; times are epoch ms. */
const limitSchema = v.strictObject({
  name: v.string(),
  used: v.optional(v.number()),
  remaining: v.optional(v.number()),
  limit: v.optional(v.number()),
  resetsAtMs: v.optional(v.number()),
  seenAtMs: v.number(),
});

const profileSchema = v.strictObject({
  profileId: v.string(),
  provider: v.string(),
  type: v.picklist(['api_key', 'token']),
  label: v.string(),
  source: v.picklist(['own', 'grant', 'env', 'config']),
  grantedBy: v.optional(v.string()),
  models: v.optional(v.nullable(texts)),
  requestsPerMinute: v.optional(v.nullable(v.number())),
  grantedTo: v.optional(texts),
  seenBy: v.optional(v.picklist(['gateway', 'cli'])),
  baseUrl: v.optional(v.string()),
  createdAt: v.nullable(v.number()),
  lastUsedAt: v.optional(v.number()),
  expiresAt: v.optional(v.number()),
  expiryAssumed: v.optional(v.literal(true)),
  remainingMs: v.optional(v.number()),
  status: v.picklist(['ok', 'expiring', 'expired', 'static']),
  rotateDue: v.boolean(),
  order: v.nullable(v.number()),
  limits: v.array(limitSchema),
});

const providerSchema = v.strictObject({
  provider: v.string(),
  effective: v.strictObject({
    kind: v.picklist(['profiles', 'env', 'missing']),
    profileId: v.optional(v.string()),
    detail: v.string(),
  }),
  profiles: v.strictObject({ count: v.number(), token: v.number(), apiKey: v.number(), labels: texts }),
});

/** One profile that is not to be used now. */
const unusableSchema = v.strictObject({
  profileId: v.string(),
  provider: v.string(),
  kind: v.picklist(['cooldown', 'disabled']),
  reason: v.picklist(UNUSABLE_REASONS),
  model: v.optional(v.string()),
  since: v.number(),
  until: v.nullable(v.number()),
  remainingMs: v.nullable(v.number()),
  httpStatus: v.optional(v.number()),
  errorType: v.optional(v.string()),
  requestId: v.optional(v.string()),
  nextStep: v.string(),
});

const cachePolicySchema = v.strictObject({
  model: v.string(),
  cacheControlTtl: v.nullable(v.picklist(['5m', '1h', 'auto'])),
  chosen: v.optional(v.picklist(['5m', '1h'])),
  applies: v.boolean(),
  why: v.string(),
});

/** The object of `status/models-status.ts`. */
export const statusSchema = v.strictObject({
  schemaVersion: v.literal(1),
  configPath: v.string(),
  stateDir: v.string(),
  agentId: v.string(),
  gateway: v.strictObject({
    running: v.boolean(),
    pid: v.optional(v.number()),
    url: v.optional(v.string()),
    host: v.string(),
    user: v.string(),
  }),
  defaultModel: maybeText,
  resolvedDefault: maybeText,
  fallbacks: texts,
  aliases: v.record(v.string(), v.string()),
  allowed: texts,
  auth: v.strictObject({
    vault: v.strictObject({ kind: v.nullable(v.picklist(['keychain', 'file'])), available: v.boolean() }),
    missingProvidersInUse: texts,
    providers: v.array(providerSchema),
    profiles: v.array(profileSchema),
    unusableProfiles: v.array(unusableSchema),
    cachePolicy: v.array(cachePolicySchema),
  }),
  pause: v.nullable(pauseSchema),
  gates: v.array(gateSchema),
  budgets: v.array(budgetSchema),
});
