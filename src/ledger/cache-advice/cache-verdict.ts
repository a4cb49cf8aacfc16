import type { CacheTtl } from '../../catalog/model-price.ts';

/** The marked part of all prompts, and all that the requests would have cost. */
export interface CacheBill {
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly costNanoUsd: number;
}

/** What a replay came to for one model; all figures are of the same requests. */
export interface CacheReplaySums {
  /** `provider/model`. */
  readonly model: string;
  /** Requests that read or wrote a cache and whose prices are known. */
  readonly requests: number;
  /** Those of them that go on from an earlier one of the last hour: only they can tell the lifetimes apart. */
  readonly known: number;
  /** Sessions; one that went on after more than an hour counts again. */
  readonly sessions: number;
  /** What they did cost. */
  readonly cost: CacheBill;
  readonly bills: Readonly<Record<CacheTtl, CacheBill>>;
  /** Requests of which a price is not known: in no other figure. */
  readonly unpriced: number;
}

const LEAST_KNOWN = 50;
const LEAST_SESSIONS = 5;

/** The lifetime that would have been cheaper; of two that cost the same the short one. Undefined: not enough data. */
export function betterTtl({
  known,
  sessions,
  bills,
}: Pick<CacheReplaySums, 'known' | 'sessions' | 'bills'>): CacheTtl | undefined {
  if (!isEnough({ known, sessions })) return undefined;
  return bills['1h'].costNanoUsd < bills['5m'].costNanoUsd ? '1h' : '5m';
}

export function isEnough({ known, sessions }: Pick<CacheReplaySums, 'known' | 'sessions'>): boolean {
  return known >= LEAST_KNOWN && sessions >= LEAST_SESSIONS;
}

/** What the data lack, for people: `not enough data: 12 of 50 requests that go on from another, 2 of 5 sessions`. */
export function lackOfData({ known, sessions }: Pick<CacheReplaySums, 'known' | 'sessions'>): string {
  const lacks = [
    ...(known < LEAST_KNOWN ? [`${known} of ${LEAST_KNOWN} requests that go on from another`] : []),
    ...(sessions < LEAST_SESSIONS ? [`${sessions} of ${LEAST_SESSIONS} sessions`] : []),
  ];
  return `not enough data: ${lacks.join(', ')}`;
}
