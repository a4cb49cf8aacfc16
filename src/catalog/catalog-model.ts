import { type ModelPrice, type PriceFigures, priceUnder } from './model-price.ts';

export interface CatalogModel {
  readonly provider: string;
  /** Canonical: dashed, without a date (where the provider's own id has a dot, like `gpt-5.4`, with it). */
  readonly id: string;
  /** What the provider calls it. */
  readonly wireId: string;
  /** Other spellings people use, the dated ones among them. */
  readonly aliases: readonly string[];
  /** The aliases that the provider itself takes. */
  readonly dated: readonly string[];
  readonly displayName: string;
  /** Tokens; undefined where no source says. */
  readonly contextTokens: number | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly vision: boolean | undefined;
  readonly prices: readonly ModelPrice[];
  /** Where the figures come from, and when they were read. */
  readonly source: string;
  readonly asOf: string;
  /** `primary`: the provider's own pages; `secondary`: fewer or other sources, said wherever the price is shown. */
  readonly confidence: 'primary' | 'secondary';
  /** `loaded`: from a file that a person gave (`moltbot models prices update`). */
  readonly origin: 'shipped' | 'loaded';
}

/** A model as the tables of the catalog write it: its prices get their versions from their places there. */
export type CatalogEntry = Omit<CatalogModel, 'prices' | 'origin'> & { readonly prices: readonly PriceFigures[] };

/** What is known of a model's prices. `own`: a person set them in the config. */
export interface PricedModel {
  readonly prices: readonly ModelPrice[];
  readonly confidence: CatalogModel['confidence'] | 'own';
}

/** The price on a day for a prompt of that size. */
export function priceAt(model: PricedModel, atMs: number, promptTokens = 0): ModelPrice | undefined {
  return priceUnder(model.prices, { atMs, promptTokens });
}

const NOTES = { primary: '', secondary: ' (unconfirmed)', own: ' (set in the config)' } as const;

/** `$1 in · $5 out per 1M tokens`, for people who choose a model. */
export function describePrice(model: PricedModel, atMs: number): string {
  const price = priceAt(model, atMs);
  if (!price) return 'price unknown';
  const { inputNanoUsd, outputNanoUsd } = price;
  return `${usdPerMillion(inputNanoUsd)} in · ${usdPerMillion(outputNanoUsd)} out per 1M tokens${NOTES[model.confidence]}`;
}

function usdPerMillion(nanoUsdPerToken: number): string {
  const usd = nanoUsdPerToken / 1_000;
  return Number.isInteger(usd) ? `$${usd}` : `$${usd.toFixed(3).replace(/0$/, '')}`;
}
