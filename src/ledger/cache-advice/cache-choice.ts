import type { CacheTtl } from '../../catalog/model-price.ts';
import { DAY_MS } from '../../core/time.ts';
import { betterTtl, type CacheReplaySums } from './cache-verdict.ts';

/** Which lifetime `auto` means for a model, and the figures behind it. */
export interface CacheChoice {
  /** `provider/model`. */
  readonly model: string;
  readonly ttl: CacheTtl;
  readonly at5mNanoUsd: number;
  readonly at1hNanoUsd: number;
  /** Of the replay: requests that go on from another, and sessions. */
  readonly known: number;
  readonly sessions: number;
  readonly chosenAtMs: number;
}

/** How far back is looked. */
export const CHOICE_WINDOW_MS = 30 * DAY_MS;
/** Without enough data. It is also what a mark without a time means to the provider. */
export const USUAL_TTL: CacheTtl = '5m';

export function cacheChoiceOf(sums: CacheReplaySums, nowMs: number): CacheChoice {
  const { model, known, sessions, bills } = sums;
  return {
    model,
    ttl: betterTtl(sums) ?? USUAL_TTL,
    at5mNanoUsd: bills['5m'].costNanoUsd,
    at1hNanoUsd: bills['1h'].costNanoUsd,
    known,
    sessions,
    chosenAtMs: nowMs,
  };
}
