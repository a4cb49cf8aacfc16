import type { Config } from '../config/schema.ts';
import { savedNanoUsd, wastedNanoUsd } from './cache-value.ts';

type OwnPrices = Config['models']['prices'];

/** What is added up of rows. */
export interface UsageCounts {
  /** Attempts that were let out to a provider. */
  readonly requests: number;
  readonly failed: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly outputTokens: number;
  /** Those of `outputTokens` that were reasoning. */
  readonly reasoningTokens: number;
  readonly webSearches: number;
  /** Of the rows whose price is known. */
  readonly costNanoUsd: number;
  /** Rows that used something whose price is not known: their cost is in no sum. */
  readonly unpriced: number;
  /** Rows whose figures are not, or not all, the provider's word. */
  readonly estimated: number;
  /** Stays charged to budgets, because what it cost or used never came: in no other sum. */
  readonly heldNanoUsd: number;
  readonly heldTokens: number;
  /** Rows that have some of it. */
  readonly held: number;
  /** Written to caches, and gone from them before anybody read it; from the first whole quarter of an hour on. */
  readonly unread5mTokens: number;
  readonly unread1hTokens: number;
}

/** Sums over rows of the ledger; those of simulators are not among them. */
export interface UsageSums extends UsageCounts {
  /** For 5 m and for 1 h. */
  readonly cacheWriteTokens: number;
  /** Rows that a subscription paid for. */
  readonly subscription: number;
  /** What the tokens read from caches would have cost more as plain input, at the prices of their rows. */
  readonly savedNanoUsd: number;
  /** Tokens read from caches of which that is not known. */
  readonly unvaluedCacheReadTokens: number;
  /** What the tokens that nobody read cost more than plain input. */
  readonly wastedNanoUsd: number;
  /** Tokens that nobody read of which that is not known. */
  readonly unvaluedUnreadTokens: number;
}

/** Counts of rows that were priced alike; '' where there is no such thing. */
export interface PricedCounts extends UsageCounts {
  readonly provider: string;
  readonly model: string;
  readonly isSubscription: number;
  readonly priceVersion: string;
  readonly serviceTier: string;
  readonly inferenceGeo: string;
}

const NO_COUNTS: UsageCounts = {
  requests: 0,
  failed: 0,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  webSearches: 0,
  costNanoUsd: 0,
  unpriced: 0,
  estimated: 0,
  heldNanoUsd: 0,
  heldTokens: 0,
  held: 0,
  unread5mTokens: 0,
  unread1hTokens: 0,
};
export const NO_SUMS: UsageSums = {
  ...NO_COUNTS,
  cacheWriteTokens: 0,
  subscription: 0,
  savedNanoUsd: 0,
  unvaluedCacheReadTokens: 0,
  wastedNanoUsd: 0,
  unvaluedUnreadTokens: 0,
};
const COUNT_FIELDS = Object.keys(NO_COUNTS) as (keyof UsageCounts)[];
const FIELDS = Object.keys(NO_SUMS) as (keyof UsageSums)[];

export function added(a: UsageSums, b: UsageSums): UsageSums {
  return Object.fromEntries(FIELDS.map((field) => [field, a[field] + b[field]])) as unknown as UsageSums;
}

/** The first without the second, which is a part of it. */
export function without<T extends UsageCounts>(all: T, part: UsageCounts): T {
  return { ...all, ...Object.fromEntries(COUNT_FIELDS.map((field) => [field, all[field] - part[field]])) };
}

/** The counts, and what they come to. */
export function sumsOf(counts: PricedCounts, own: OwnPrices): UsageSums {
  const saved = savedNanoUsd(counts, own);
  const wasted = wastedNanoUsd(counts, own);
  const plain = Object.fromEntries(COUNT_FIELDS.map((field) => [field, counts[field]])) as unknown as UsageCounts;
  return {
    ...plain,
    cacheWriteTokens: counts.cacheWrite5mTokens + counts.cacheWrite1hTokens,
    subscription: counts.isSubscription === 1 ? counts.requests : 0,
    savedNanoUsd: saved ?? 0,
    unvaluedCacheReadTokens: saved === undefined ? counts.cacheReadTokens : 0,
    wastedNanoUsd: wasted ?? 0,
    unvaluedUnreadTokens: wasted === undefined ? counts.unread5mTokens + counts.unread1hTokens : 0,
  };
}
