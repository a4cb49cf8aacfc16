import { type ModelPrice, priceUnder } from '../catalog/model-price.ts';
import { pricesOf } from '../catalog/own-prices.ts';
import type { Config } from '../config/schema.ts';
import { costOf, factorsOf } from './cost.ts';
import type { Admission, Booking } from './ledger-row.ts';
import { promptTokens, type Usage } from './usage/usage.ts';
import type { UsageReading } from './usage/usage-meter.ts';

type OwnPrices = Config['models']['prices'];
type Priced = Pick<Admission, 'provider' | 'modelServed' | 'admittedAtMs' | 'isSubscription'>;

/**
 * What the ledger says of an answer's use: at the price of the day its request was let out, `own` prices first. A
 * subscription's answers cost nothing more.
 */
export function bookingOf({ usage, state, model }: UsageReading, own: OwnPrices, admission: Priced): Booking {
  const tokens = {
    inputTokens: usage.inputTokens,
    cacheReadTokens: usage.cacheReadTokens,
    cacheWrite5mTokens: usage.cacheWrite5mTokens,
    cacheWrite1hTokens: usage.cacheWrite1hTokens,
    outputTokens: usage.outputTokens,
    reasoningTokens: usage.reasoningTokens,
    webSearches: usage.webSearches,
  };
  const terms = {
    serviceTier: usage.serviceTier ?? null,
    inferenceGeo: usage.inferenceGeo ?? null,
    speed: usage.speed ?? null,
    costTicks: usage.costTicks ?? null,
  };
  if (admission.isSubscription) {
    return { ...tokens, ...terms, usageState: state, costNanoUsd: 0, priceVersion: null };
  }
  const price = priceOf(usage, model, own, admission);
  const factors = factorsOf(usage);
  const cost = costOf(usage, factors && price, factors ?? []);
  return {
    ...tokens,
    ...terms,
    usageState: cost.isEstimated ? 'estimated' : state,
    costNanoUsd: cost.nanoUsd ?? null,
    priceVersion: cost.nanoUsd !== undefined && usage.costTicks === undefined ? (price?.version ?? null) : null,
  };
}

/** By the model the answer names, where its price is known: a provider may answer with another one than was asked. */
function priceOf(
  usage: Usage,
  answered: string | undefined,
  own: OwnPrices,
  { provider, modelServed, admittedAtMs }: Priced,
): ModelPrice | undefined {
  const priced =
    (answered === undefined ? undefined : pricesOf(own, provider, answered)) ??
    (modelServed === null ? undefined : pricesOf(own, provider, modelServed));
  const conditions = { atMs: admittedAtMs, promptTokens: promptTokens(usage), speed: usage.speed };
  return priced && priceUnder(priced.prices, conditions);
}
