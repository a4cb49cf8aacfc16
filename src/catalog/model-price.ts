import { DAY_MS } from '../core/time.ts';

/** How long a provider keeps what was written to its cache after it was last used; each has a price of its own. */
export type CacheTtl = '5m' | '1h';

/**
 * Prices in nano-dollars per token, which are whole numbers: $5 per million tokens is 5,000. Kinds that are absent are
 * not known; they are never zero.
 */
export interface PriceFigures {
  /** First and last day (UTC, `2026-10-06`) on which this price is true; open where absent. */
  readonly from?: string;
  readonly until?: string;
  /** The price is for requests whose whole prompt (input, cache writes, cache reads) has at most, or more, tokens. */
  readonly maxPromptTokens?: number;
  readonly minPromptTokens?: number;
  /** The price of answers made at that speed; absent: at the ordinary one. */
  readonly speed?: 'fast';
  readonly inputNanoUsd: number;
  readonly outputNanoUsd: number;
  readonly cacheReadNanoUsd?: number;
  readonly cacheWrite5mNanoUsd?: number;
  readonly cacheWrite1hNanoUsd?: number;
  /** Per search that the provider made for the model. */
  readonly webSearchNanoUsd?: number;
  /** What all kinds of tokens are multiplied by, in thousandths: half the price is 500. */
  readonly batchPerMille?: number;
  readonly usInferencePerMille?: number;
  readonly priorityPerMille?: number;
}

export interface ModelPrice extends PriceFigures {
  /** Names these figures in ledger rows: `2026-11/anthropic/claude-haiku-5-5/2`. */
  readonly version: string;
}

/** What decides which of a model's prices holds for an answer. */
export interface PriceConditions {
  readonly atMs: number;
  /** Of the whole prompt. */
  readonly promptTokens?: number;
  /** As the provider names it; absent: the ordinary one. */
  readonly speed?: string | undefined;
}

/** The price under these conditions; undefined where none is known. */
export function priceUnder(
  prices: readonly ModelPrice[],
  { atMs, promptTokens = 0, speed = 'standard' }: PriceConditions,
): ModelPrice | undefined {
  const day = dayOf(atMs);
  return prices.find(
    (price) =>
      (price.speed ?? 'standard') === speed &&
      (price.from ?? day) <= day &&
      day <= (price.until ?? day) &&
      promptTokens <= (price.maxPromptTokens ?? promptTokens) &&
      promptTokens >= (price.minPromptTokens ?? promptTokens),
  );
}

/** The last day that was asked for: nearly always today, and every answer asks. */
let known = { startMs: Number.NaN, day: '' };

/** `2026-11-21`, in UTC. */
function dayOf(atMs: number): string {
  const startMs = atMs - (atMs % DAY_MS);
  if (known.startMs !== startMs) known = { startMs, day: new Date(startMs).toISOString().slice(0, 10) };
  return known.day;
}
