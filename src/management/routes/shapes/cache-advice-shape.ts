import * as v from 'valibot';

/** 10⁹ nano-dollars are a dollar; `costUsd` is in dollars to the micro-dollar. */
const billSchema = v.strictObject({
  cacheReadTokens: v.number(),
  cacheWriteTokens: v.number(),
  costNanoUsd: v.number(),
  costUsd: v.string(),
});
const ttls = ['5m', '1h'] as const;

/** The object of `status/cache-advice-json.ts`. */
export const cacheAdviceSchema = v.strictObject({
  schemaVersion: v.literal(1),
  since: v.number(),
  items: v.array(
    v.strictObject({
      model: v.string(),
      requests: v.number(),
      known: v.number(),
      sessions: v.number(),
      unpriced: v.number(),
      was: billSchema,
      with5m: billSchema,
      with1h: billSchema,
      cheaper: v.nullable(v.picklist(ttls)),
      setting: v.nullable(v.picklist([...ttls, 'auto'])),
    }),
  ),
});
