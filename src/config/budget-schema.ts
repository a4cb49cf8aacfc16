import * as v from 'valibot';

// Parts of the shape of `moltbot.json` (schema.ts): caps, and where to tell of them.

const id = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes'));

/** Of what a budget counts; all that are named must fit. Without a scope the budget's name is that of its agent. */
const budgetScope = v.union([
  v.literal('everything'),
  v.strictObject({
    agent: v.optional(id),
    /** `main/anthropic:work`: the owner is part of it. */
    profile: v.optional(v.string()),
    /** `provider/model` or an alias. */
    model: v.optional(v.string()),
    /** Of the token (`--label`), not of a header. */
    label: v.optional(v.string()),
  }),
]);

const dollars = v.pipe(v.number(), v.minValue(0), v.maxValue(1_000_000_000));

/** How many of the amounts, of which a cap has exactly one, are written. */
export function amountsIn({ usd, tokens, requests }: { usd?: unknown; tokens?: unknown; requests?: unknown }): number {
  return [usd, tokens, requests].filter((amount) => amount !== undefined).length;
}

export const DEFAULT_ALERT_AT = [0.8];

/** A cap on what may be spent in a window; exactly one of `usd`, `tokens`, `requests`. */
export const budgetSchema = v.strictObject({
  scope: v.optional(budgetScope),
  usd: v.optional(dollars),
  tokens: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  requests: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** Calendar windows begin in `timeZone`, weeks on Monday; `30d` rolls on by the hour. */
  per: v.picklist(['day', 'week', 'month', '30d', 'total']),
  /** `hard` holds the worst case of every request, so the cap is never passed; `soft` what such a request usually costs. */
  enforcement: v.optional(v.picklist(['soft', 'hard']), 'soft'),
  /** Shares of the amount at which to tell. */
  alertAt: v.optional(v.array(v.pipe(v.number(), v.gtValue(0), v.maxValue(1))), DEFAULT_ALERT_AT),
  /** What a request whose price is not known is charged; without it a hard budget refuses such requests. */
  unpricedUsd: v.optional(dollars),
});

/** Where to tell of budgets and other troubles, beside the log and `models status`. Only a restart changes it. */
export const alertsSchema = v.strictObject({
  /** A notice on the desktop of whoever runs the gateway. */
  desktop: v.optional(v.boolean(), false),
  /** Program and arguments, run without a shell in a clean environment; the alert comes as JSON on its standard input. */
  command: v.optional(v.pipe(v.array(v.string()), v.minLength(1))),
  webhook: v.optional(
    v.strictObject({
      url: v.pipe(v.string(), v.regex(/^(https:\/\/.+|\$\{.+)/, 'a URL that starts with https://')),
      /** Signs each alert: HMAC-SHA-256 in `x-moltbot-signature`. A reference (`alert-problems.ts`), not the secret itself. */
      secret: v.string(),
      allowPrivateNetwork: v.optional(v.boolean()),
    }),
  ),
});
