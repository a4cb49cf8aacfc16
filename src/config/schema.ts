import * as v from 'valibot';
import { HOUR_MS, MINUTE_MS } from '../core/time.ts';
import { alertsSchema, budgetSchema } from './budget-schema.ts';

/**
 * The shape of `moltbot.json`, the only definition of it: the published JSON Schema is generated from here and a test
 * fails when they differ. Every object is strict, so an unknown key is an error. Defaults live here and are never
 * written into a person's file.
 */

const id = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes'));
const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));
const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
/** A reference stands for a URL; what it is filled in with is checked again when it is used. */
const baseUrl = v.pipe(v.string(), v.regex(/^(https?:\/\/.+|\$\{.+)/, 'a URL that starts with http:// or https://'));
const names = v.array(v.string());

/** A header a person sets: added to (or put in place of) the client's; `{ replace }` drops the client's value first. */
const headerValue = v.union([v.string(), v.strictObject({ replace: v.string() })]);
const headers = v.record(v.string(), headerValue);

/**
 * Parameters of one model. They fill what the client left out; only `cacheControlTtl` and `maxOutputTokens` change what
 * it wrote.
 */
const modelParams = v.strictObject({
  /** Put into cache marks without a time of their own; `auto`: what would have cost less in the last 30 days, else 5m. */
  cacheControlTtl: v.optional(v.picklist(['5m', '1h', 'auto'])),
  temperature: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(2))),
  maxTokens: v.optional(positive),
  /** Lowers the client's output bound to this, or puts it in. */
  maxOutputTokens: v.optional(positive),
  headers: v.optional(v.record(v.string(), v.string())),
});

const modelChoice = v.strictObject({
  primary: v.optional(v.string()),
  fallbacks: v.optional(names),
});

const agentAuth = v.strictObject({
  /** Provider id → profile ids: exactly those, in that order. */
  order: v.optional(v.record(id, names)),
  /** Provider id → the only profile that may serve: that one or an error. */
  pin: v.optional(v.record(id, v.string())),
  /** Whether this agent may use keys in the gateway's environment (`main` may unless this is false). */
  env: v.optional(v.boolean()),
});

const features = v.record(v.string(), v.strictObject({ model: v.string() }));

const provider = v.strictObject({
  baseUrl: v.optional(baseUrl),
  /** A person's own provider: which wire formats it speaks; decides routes and dialect. */
  api: v.optional(v.array(v.picklist(['anthropic-messages', 'openai-chat', 'openai-responses']))),
  auth: v.optional(v.picklist(['bearer', 'x-api-key', 'none'])),
  headers: v.optional(headers),
  /** Betas this product adds to API-key requests; `[]` removes them. */
  betas: v.optional(names),
  allowPrivateNetwork: v.optional(v.boolean()),
  /** Further paths to let through, below the base URL: `images/generations`. */
  allowRoutes: v.optional(names),
  testModel: v.optional(v.string()),
  defaultModel: v.optional(v.string()),
});

/** At most a dollar a token; three decimals, so that a token costs whole nano-dollars. */
const usdPerMillion = v.pipe(v.number(), v.minValue(0), v.maxValue(1_000_000));
const factor = v.pipe(v.number(), v.minValue(0), v.maxValue(1_000));

/** What a model costs, in place of the catalog. Kinds that are left out are not known; they are never free. */
const ownPrice = v.strictObject({
  inputUsdPerMillion: usdPerMillion,
  outputUsdPerMillion: usdPerMillion,
  cacheReadUsdPerMillion: v.optional(usdPerMillion),
  cacheWrite5mUsdPerMillion: v.optional(usdPerMillion),
  cacheWrite1hUsdPerMillion: v.optional(usdPerMillion),
  /** What every kind of token is multiplied by in a batch, and at the provider's priority tier. */
  batchFactor: v.optional(factor),
  priorityFactor: v.optional(factor),
});

const gateway = v.strictObject({
  host: v.optional(v.string(), '127.0.0.1'),
  port: v.optional(port),
  allowedHosts: v.optional(names, []),
  tls: v.optional(v.strictObject({ certFile: v.string(), keyFile: v.string() })),
  trustedOverlay: v.optional(v.literal('tailscale')),
  shutdownGraceMs: v.optional(positive, 30_000),
  streamGraceMs: v.optional(positive, 30 * MINUTE_MS),
  pingAfterMs: v.optional(positive, 15_000),
  timeouts: v.optional(
    v.strictObject({
      connectMs: v.optional(positive, 10_000),
      firstByteMs: v.optional(positive, 600_000),
      silenceMs: v.optional(positive, 300_000),
    }),
    {},
  ),
  /** One session sending near-identical growing requests: at most this many in this time. */
  brake: v.optional(v.strictObject({ requests: v.optional(positive, 30), perMs: v.optional(positive, 10_000) }), {}),
});

/** People and scripts: always on a socket in the state directory, over TCP only where this says so. */
const management = v.strictObject({
  http: v.optional(
    v.strictObject({
      host: v.optional(v.string(), '127.0.0.1'),
      port: v.optional(port, 8402),
      allowedHosts: v.optional(names, []),
    }),
  ),
  /** A group of the operating system whose members may use the socket, too. */
  socketGroup: v.optional(v.string()),
});

const ledger = v.strictObject({
  /** Chat streams whose client does not ask for their usage: `ask` for it, and keep it to ourselves; or `leave` it. */
  chatUsage: v.optional(v.picklist(['ask', 'leave']), 'ask'),
  /** Rows that are older go; the sums of them stay for ever. At least as long as any window that rolls. Absent: all stay. */
  retentionDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(35), v.maxValue(36_500))),
  /** With less free space on the disk of the state directory nothing is forwarded. */
  minFreeDiskMb: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1_024),
});

const auth = v.strictObject({
  order: v.optional(v.record(id, names), {}),
  pin: v.optional(v.record(id, v.string()), {}),
  /** Whether an agent may go on to a paid key when its subscription profile is used up. */
  paidFallback: v.optional(v.boolean(), true),
  /** How long a request is held while the soonest profile becomes ready. */
  maxWaitMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 10_000),
  cooldowns: v.optional(
    v.strictObject({
      ladderMs: v.optional(v.pipe(v.array(positive), v.minLength(1)), [
        MINUTE_MS,
        5 * MINUTE_MS,
        25 * MINUTE_MS,
        HOUR_MS,
      ]),
      billingBackoffHours: v.optional(v.pipe(v.number(), v.minValue(0.01)), 5),
      billingMaxHours: v.optional(v.pipe(v.number(), v.minValue(0.01)), 24),
      failureWindowHours: v.optional(v.pipe(v.number(), v.minValue(0.01)), 24),
    }),
    {},
  ),
});

const defaults = v.strictObject({
  model: v.optional(modelChoice, {}),
  /** `provider/model` → alias and parameters. */
  models: v.optional(
    v.record(v.string(), v.strictObject({ alias: v.optional(v.string()), params: v.optional(modelParams) })),
    {},
  ),
  features: v.optional(features, {}),
});

const agent = v.strictObject({
  id,
  model: v.optional(modelChoice),
  models: v.optional(v.record(v.string(), v.strictObject({ params: v.optional(modelParams) }))),
  features: v.optional(features),
  auth: v.optional(agentAuth),
});

export const configSchema = v.strictObject({
  $schema: v.optional(v.string()),
  /** Fills only what the environment leaves unset. */
  env: v.optional(v.record(v.string(), v.string()), {}),
  vault: v.optional(v.strictObject({ kind: v.picklist(['keychain', 'file']) })),
  gateway: v.optional(gateway, {}),
  management: v.optional(management, {}),
  network: v.optional(
    v.strictObject({ proxyUrl: v.optional(baseUrl), noProxy: v.optional(v.string()), caFile: v.optional(v.string()) }),
    {},
  ),
  auth: v.optional(auth, {}),
  ledger: v.optional(ledger, {}),
  /** Name → cap. */
  budgets: v.optional(v.record(id, budgetSchema), {}),
  alerts: v.optional(alertsSchema, {}),
  /** IANA name: where days, weeks and months of budgets and reports begin. */
  timeZone: v.optional(v.string(), 'UTC'),
  agents: v.optional(v.strictObject({ defaults: v.optional(defaults, {}), list: v.optional(v.array(agent), []) }), {}),
  models: v.optional(
    v.strictObject({
      providers: v.optional(v.record(id, provider), {}),
      /** `provider/model` → what it costs. */
      prices: v.optional(v.record(v.string(), ownPrice), {}),
    }),
    {},
  ),
  log: v.optional(v.strictObject({ level: v.optional(v.picklist(['error', 'warn', 'info', 'debug']), 'info') }), {}),
});

/** The configuration with every default filled in: what the rest of the program reads. */
export type Config = v.InferOutput<typeof configSchema>;
export type AgentConfig = Config['agents']['list'][number];
export type ProviderConfig = Config['models']['providers'][string];
export type GatewayConfig = Config['gateway'];
export type ManagementConfig = Config['management'];
export type CooldownConfig = Config['auth']['cooldowns'];
export type BudgetConfig = Config['budgets'][string];
export type AlertsConfig = Config['alerts'];
export type ModelParams = v.InferOutput<typeof modelParams>;
export type HeaderValue = v.InferOutput<typeof headerValue>;
