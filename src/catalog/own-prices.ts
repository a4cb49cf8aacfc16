import { hash } from 'node:crypto';
import type { Config } from '../config/schema.ts';
import type { PricedModel } from './catalog-model.ts';
import { catalogInForce } from './in-force.ts';
import type { ModelPrice, PriceFigures } from './model-price.ts';
import { findModel, normalizeModel } from './models.ts';
import { oncePerCatalog } from './once-per-catalog.ts';

type OwnPrices = Config['models']['prices'];
type OwnPrice = OwnPrices[string];

/**
 * The prices of a model, in any spelling: those a person set (`models.prices`), else the catalog's; undefined where
 * neither knows it. A person's figures stand for the ordinary speed as a whole; only factors they left out are the
 * catalog's.
 */
export function pricesOf(own: OwnPrices, provider: string, text: string): PricedModel | undefined {
  const model = findModel(provider, text);
  const set = ownPrices(own).get(`${provider}/${normalizeModel(provider, text)}`);
  if (!set) return model;
  const catalogs = model?.prices ?? [];
  const { batchPerMille, usInferencePerMille, webSearchNanoUsd } = catalogs[0] ?? {};
  const factors = {
    ...(batchPerMille !== undefined && { batchPerMille }),
    ...(usInferencePerMille !== undefined && { usInferencePerMille }),
    ...(webSearchNanoUsd !== undefined && { webSearchNanoUsd }),
  };
  const fast = catalogs.filter(({ speed }) => speed !== undefined);
  return { prices: [{ ...factors, ...set }, ...fast], confidence: 'own' };
}

const ownPrices = oncePerCatalog(
  (own: OwnPrices): ReadonlyMap<string, ModelPrice> =>
    new Map(Object.entries(own).map(([key, price]) => [canonical(key), asPrice(price)])),
);

function canonical(key: string): string {
  const slash = key.indexOf('/');
  const provider = key.slice(0, slash);
  return `${provider}/${normalizeModel(provider, key.slice(slash + 1))}`;
}

/** Dollars per million tokens are thousands of nano-dollars per token. */
function asPrice(own: OwnPrice): ModelPrice {
  const nano = (usdPerMillion: number | undefined) =>
    usdPerMillion === undefined ? undefined : Math.round(usdPerMillion * 1_000);
  const figures = {
    inputNanoUsd: nano(own.inputUsdPerMillion),
    outputNanoUsd: nano(own.outputUsdPerMillion),
    cacheReadNanoUsd: nano(own.cacheReadUsdPerMillion),
    cacheWrite5mNanoUsd: nano(own.cacheWrite5mUsdPerMillion),
    cacheWrite1hNanoUsd: nano(own.cacheWrite1hUsdPerMillion),
    priorityPerMille: nano(own.priorityFactor),
    batchPerMille: nano(own.batchFactor),
  };
  const stated = Object.fromEntries(Object.entries(figures).filter(([, figure]) => figure !== undefined));
  const version = `config/${hash('sha256', JSON.stringify(stated)).slice(0, 12)}`;
  return { ...(stated as unknown as PriceFigures), version };
}

/** The figures that a row of the ledger names, while the config still has them; a catalog's are kept for ever. */
export function priceOfVersion(
  own: OwnPrices,
  provider: string,
  model: string,
  version: string,
): ModelPrice | undefined {
  const now = pricesOf(own, provider, model)?.prices.find((price) => price.version === version);
  return now ?? catalogInForce().priceOfVersion(version);
}
