import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Config } from '../../config/schema.ts';
import type { Database } from '../../database/database.ts';
import { CacheReplay } from './cache-replay.ts';
import type { CacheReplaySums } from './cache-verdict.ts';
import { type CachedRowsQuery, cachedRows } from './cached-rows.ts';

export interface CacheAdviceQuery extends CachedRowsQuery {
  /** The prices a person set (`models.prices`). */
  readonly ownPrices: Config['models']['prices'];
  /** Says that nobody waits for it any more. */
  readonly signal?: AbortSignal;
}

/**
 * What the requests since then would have cost with either lifetime of what they wrote to the cache, by model, dearest
 * first. Other work of the process goes on between the pages. After the signal it is only a part: for who has gone.
 */
export async function adviseOnCache(
  database: Database,
  { ownPrices, signal, ...query }: CacheAdviceQuery,
): Promise<CacheReplaySums[]> {
  const replay = new CacheReplay(ownPrices);
  for (const page of cachedRows(database, query)) {
    for (const row of page) replay.add(row);
    await nextTurn();
    if (signal?.aborted) break;
  }
  return replay.sums();
}
