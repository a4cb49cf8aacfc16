import { priceOfVersion } from '../catalog/own-prices.ts';
import type { Config } from '../config/schema.ts';
import { exactCostOf, factorsOf, wholeNanoUsd } from './cost.ts';
import { NO_USAGE, type Usage } from './usage/usage.ts';
import type { PricedCounts } from './usage-sums.ts';

type OwnPrices = Config['models']['prices'];

/**
 * What the tokens read from caches would have cost more as plain input. Undefined: the price that the rows name is not
 * known here, or they name none (xAI says only what an answer cost).
 */
export function savedNanoUsd(counts: PricedCounts, own: OwnPrices): number | undefined {
  const { cacheReadTokens } = counts;
  const more = beyondInput(counts, own, { cacheReadTokens });
  return more === undefined ? undefined : wholeNanoUsd(-more);
}

/** What the tokens written to caches and never read cost more than plain input. Undefined: as above. */
export function wastedNanoUsd(counts: PricedCounts, own: OwnPrices): number | undefined {
  const { unread5mTokens, unread1hTokens } = counts;
  const tokens = { cacheWrite5mTokens: unread5mTokens, cacheWrite1hTokens: unread1hTokens };
  const more = beyondInput(counts, own, tokens);
  return more === undefined ? undefined : wholeNanoUsd(more);
}

/** What those tokens cost more than as many of plain input, on the terms of their rows: millionths of nano-dollars. */
function beyondInput(counts: PricedCounts, own: OwnPrices, tokens: Partial<Usage>): bigint | undefined {
  const { isSubscription, provider, model, priceVersion, serviceTier, inferenceGeo } = counts;
  const inputTokens = Object.values(tokens).reduce<number>((sum, count) => sum + Number(count), 0);
  if (inputTokens === 0 || isSubscription === 1) return 0n;
  const price = priceOfVersion(own, provider, model, priceVersion);
  const terms = { ...NO_USAGE, serviceTier: serviceTier || undefined, inferenceGeo: inferenceGeo || undefined };
  const factors = factorsOf(terms);
  const asInput = exactCostOf({ ...NO_USAGE, inputTokens }, factors && price, factors ?? []);
  const asThey = exactCostOf({ ...NO_USAGE, ...tokens }, factors && price, factors ?? []);
  if (asInput.millionths === undefined || asThey.millionths === undefined) return undefined;
  return asThey.millionths - asInput.millionths;
}
