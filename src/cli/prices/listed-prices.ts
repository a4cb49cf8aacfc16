import { type FilePrice, filePrice } from '../../catalog/catalog-file.ts';
import { catalogInForce } from '../../catalog/in-force.ts';
import { pricesOf } from '../../catalog/own-prices.ts';
import { formatModelRef, type ModelRef, parseModelRef } from '../../config/model-ref.ts';
import type { Config } from '../../config/schema.ts';

/** One price as `models prices list` shows it; a model has several where days, prompts or speeds differ. */
export interface ListedPrice {
  /** `provider/model`. */
  readonly ref: string;
  /** `config`: a person set it. */
  readonly origin: 'shipped' | 'loaded' | 'config';
  /** Names the figures in rows of the ledger. */
  readonly version: string;
  /** Of the catalog; null where only the config knows the model. */
  readonly asOf: string | null;
  readonly source: string | null;
  readonly confidence: 'primary' | 'secondary' | 'own';
  readonly price: FilePrice;
}

/** Every price that is in force, by model: the catalog's in its order, then those of models that only the config names. */
export function listPrices(config: Config, providerId?: string): ListedPrice[] {
  const own = Object.keys(config.models.prices).flatMap((key) => parseModelRef(key) ?? []);
  const catalogs = catalogInForce().models.map(({ provider, id }): ModelRef => ({ provider, model: id }));
  const refs = new Map([...catalogs, ...own].map((ref) => [formatModelRef(ref), ref]));
  return [...refs.values()]
    .filter(({ provider }) => providerId === undefined || provider === providerId)
    .flatMap((ref) => pricesOfModel(config, ref));
}

function pricesOfModel(config: Config, ref: ModelRef): ListedPrice[] {
  const priced = pricesOf(config.models.prices, ref.provider, ref.model);
  const model = catalogInForce().find(ref.provider, ref.model);
  return (priced?.prices ?? []).map((price) => {
    const isOwn = price.version.startsWith('config/');
    return {
      ref: formatModelRef(ref),
      origin: isOwn ? 'config' : (model?.origin ?? 'shipped'),
      version: price.version,
      asOf: isOwn ? null : (model?.asOf ?? null),
      source: isOwn ? null : (model?.source ?? null),
      confidence: isOwn ? 'own' : (model?.confidence ?? 'secondary'),
      price: filePrice(price),
    };
  });
}

/** When a price holds: `until 2026-10-06`, `prompts of 100,001 and more`, `fast`; empty: always. */
export function conditionsOf({ from, until, minPromptTokens, maxPromptTokens, speed }: ListedPrice['price']): string {
  const count = (tokens: number) => tokens.toLocaleString('en-US');
  return [
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(until === undefined ? [] : [`until ${until}`]),
    ...(minPromptTokens === undefined ? [] : [`prompt ≥ ${count(minPromptTokens)}`]),
    ...(maxPromptTokens === undefined ? [] : [`prompt ≤ ${count(maxPromptTokens)}`]),
    ...(speed === undefined ? [] : [speed]),
  ].join(', ');
}
