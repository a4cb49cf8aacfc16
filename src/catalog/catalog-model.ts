/**
 * Prices in nano-dollars per token, which are whole numbers: $5 per million tokens is 5,000. Kinds that are absent are
 * not known; they are never zero.
 */
export interface ModelPrice {
  /** First and last day (UTC, `2026-10-06`) on which this price is true; open where absent. */
  readonly from?: string;
  readonly until?: string;
  /** The price is for requests whose whole prompt (input, cache writes, cache reads) has at most, or more, tokens. */
  readonly maxPromptTokens?: number;
  readonly minPromptTokens?: number;
  readonly inputNanoUsd: number;
  readonly outputNanoUsd: number;
  readonly cacheReadNanoUsd?: number;
  readonly cacheWrite5mNanoUsd?: number;
  readonly cacheWrite1hNanoUsd?: number;
}

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
}

/** The price on a day for a prompt of that size: what onboarding shows, and later what the ledger uses. */
export function priceAt(model: CatalogModel, atMs: number, promptTokens = 0): ModelPrice | undefined {
  const day = new Date(atMs).toISOString().slice(0, 10);
  return model.prices.find(
    (price) =>
      (price.from ?? day) <= day &&
      day <= (price.until ?? day) &&
      promptTokens <= (price.maxPromptTokens ?? promptTokens) &&
      promptTokens >= (price.minPromptTokens ?? promptTokens),
  );
}

/** `$1 in · $5 out per 1M tokens`, for people who choose a model. */
export function describePrice(model: CatalogModel, atMs: number): string {
  const price = priceAt(model, atMs);
  if (!price) return 'price unknown';
  const doubt = model.confidence === 'secondary' ? ' (unconfirmed)' : '';
  return `${usdPerMillion(price.inputNanoUsd)} in · ${usdPerMillion(price.outputNanoUsd)} out per 1M tokens${doubt}`;
}

function usdPerMillion(nanoUsdPerToken: number): string {
  const usd = nanoUsdPerToken / 1_000;
  return Number.isInteger(usd) ? `$${usd}` : `$${usd.toFixed(3).replace(/0$/, '')}`;
}
