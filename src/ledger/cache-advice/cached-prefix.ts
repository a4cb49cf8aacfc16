import type { CacheTtl } from '../../catalog/model-price.ts';
import { HOUR_MS, MINUTE_MS } from '../../core/time.ts';

/** What one row says of the cache, in tokens. Reads and writes together are what the client marked. */
export interface CacheUse {
  readonly atMs: number;
  readonly readTokens: number;
  readonly write5mTokens: number;
  readonly write1hTokens: number;
}

/** The beginning of a conversation as it stands in the cache. */
export interface CachedPrefix {
  readonly tokens: number;
  /** Those of them, from the beginning on, that were in fact written for an hour. */
  readonly longTokens: number;
  /** When it was written or last read: its life begins anew each time. */
  readonly usedAtMs: number;
}

/** One row as each lifetime would have had it. */
export interface ReplayedUse {
  /** Tokens that would have been read; the rest of what is marked would have been written. */
  readonly reads: Readonly<Record<CacheTtl, number>>;
  /** An earlier row of the session is known whose prefix an hour would have kept. */
  readonly isKnown: boolean;
  /** What the session has in the cache now, least recently used first. */
  readonly prefixes: readonly CachedPrefix[];
}

/** From Anthropic's page on prompt caching. */
export const TTL_MS: Readonly<Record<CacheTtl, number>> = { '5m': 5 * MINUTE_MS, '1h': HOUR_MS };

/** A session is one conversation, or a few: those of subagents go their own ways. */
const MOST_PREFIXES = 8;

/**
 * What a row would have read under each lifetime. What it did read is the truth wherever the lifetimes do not differ:
 * when the prefix that it goes on from was used within five minutes, when none is known from the last hour, and for the
 * lifetime that the prefix really had. In the other cases (a gap between five minutes and an hour) the short lifetime
 * loses what only the long one kept, and the long one reads the whole prefix where the short one had lost it.
 *
 * Which prefix a row goes on from is not in the ledger: it is taken to be the longest one of its session that is not
 * longer than what the row marks. Parallel requests and retries therefore count as what they really read. A prefix that
 * is shared between sessions is only known by what was really read of it: the rest of it is nobody's gain.
 */
export function replayUse(before: readonly CachedPrefix[], use: CacheUse): ReplayedUse {
  const alive = before.filter(({ usedAtMs }) => use.atMs - usedAtMs <= TTL_MS['1h']);
  const own = longestWithin(alive, markedTokens(use));
  const prefixes = [...alive.filter((prefix) => prefix !== own), prefixAfter(own, use)].slice(-MOST_PREFIXES);
  return { reads: readsOf(own, use), isKnown: own !== undefined, prefixes };
}

function markedTokens({ readTokens, write5mTokens, write1hTokens }: CacheUse): number {
  return readTokens + write5mTokens + write1hTokens;
}

function longestWithin(prefixes: readonly CachedPrefix[], tokens: number): CachedPrefix | undefined {
  let longest: CachedPrefix | undefined;
  for (const prefix of prefixes)
    if (prefix.tokens <= tokens && prefix.tokens >= (longest?.tokens ?? 0)) longest = prefix;
  return longest;
}

function readsOf(own: CachedPrefix | undefined, { atMs, readTokens }: CacheUse): ReplayedUse['reads'] {
  if (!own || atMs - own.usedAtMs <= TTL_MS['5m']) return { '5m': readTokens, '1h': readTokens };
  // Less was read than was there for an hour: the client changed its prefix, and would have under any lifetime.
  const isChanged = readTokens < own.longTokens;
  return {
    '5m': readTokens - Math.min(readTokens, own.longTokens),
    '1h': isChanged ? readTokens : Math.max(readTokens, own.tokens),
  };
}

/** A mark for an hour cannot stand behind one for 5 minutes: before a write for an hour all that was read is so, too. */
function prefixAfter(own: CachedPrefix | undefined, use: CacheUse): CachedPrefix {
  const { atMs, readTokens, write1hTokens } = use;
  const longTokens = write1hTokens > 0 ? readTokens + write1hTokens : Math.min(readTokens, own?.longTokens ?? 0);
  return { tokens: markedTokens(use), longTokens, usedAtMs: atMs };
}
