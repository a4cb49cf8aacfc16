import type { CacheTtl, ModelPrice } from '../../catalog/model-price.ts';
import { normalizeModel } from '../../catalog/models.ts';
import { priceOfVersion } from '../../catalog/own-prices.ts';
import type { Config } from '../../config/schema.ts';
import { exactCostOf, factorsOf, wholeNanoUsd } from '../cost.ts';
import { NO_USAGE, type Usage } from '../usage/usage.ts';
import type { CacheBill, CacheReplaySums } from './cache-verdict.ts';
import { type CachedPrefix, replayUse, TTL_MS } from './cached-prefix.ts';
import type { CachedRow } from './cached-rows.ts';

type OwnPrices = Config['models']['prices'];
type Counted<T> = { -readonly [Field in keyof T]: T[Field] extends number ? T[Field] : Counted<T[Field]> };
type Sums = Counted<Omit<CacheReplaySums, 'model'>>;

/** One model: its sums, and what its sessions of the last hour have in the cache. */
interface Replayed {
  readonly sums: Sums;
  readonly sessions: Map<string, readonly CachedPrefix[]>;
}

/** Sessions that are over are looked for after so many rows. */
const SWEEP_EVERY_ROWS = 4_096;

/**
 * Replays rows in the order of their admission: what each would have cost had all that its client marked been written for
 * 5 minutes, and for 1 hour. Marks to which a client itself gave a time are replayed like the others. Prices are those of
 * the row. Keeps the sums, and of sessions only those of the last hour.
 */
export class CacheReplay {
  readonly #ownPrices: OwnPrices;
  readonly #replayed = new Map<string, Replayed>();
  readonly #models = new Map<string, string>();
  readonly #prices = new Map<string, ModelPrice | undefined>();
  #rows = 0;

  constructor(ownPrices: OwnPrices) {
    this.#ownPrices = ownPrices;
  }

  add(row: CachedRow): void {
    this.#rows += 1;
    if (this.#rows % SWEEP_EVERY_ROWS === 0) this.#forgetOver(row.admittedAtMs);
    const { sums, sessions } = this.#replayedOf(row);
    const session = `${row.agentId}/${row.profileAgentId}/${row.profileId}/${row.session}`;
    const { reads, isKnown, prefixes } = replayUse(sessions.get(session) ?? [], {
      atMs: row.admittedAtMs,
      readTokens: row.cacheReadTokens,
      write5mTokens: row.cacheWrite5mTokens,
      write1hTokens: row.cacheWrite1hTokens,
    });
    sessions.set(session, prefixes);
    const bills = this.#billsOf(row, reads);
    if (!bills) {
      sums.unpriced += 1;
      return;
    }
    sums.requests += 1;
    if (isKnown) sums.known += 1;
    // Nothing but this row is left of the last hour.
    if (prefixes.length === 1 && !isKnown) sums.sessions += 1;
    addTo(sums.cost, bills.cost);
    addTo(sums.bills['5m'], bills['5m']);
    addTo(sums.bills['1h'], bills['1h']);
  }

  /** By model, dearest first. */
  sums(): CacheReplaySums[] {
    return [...this.#replayed]
      .map(([model, { sums }]) => ({ model, ...sums }))
      .sort((a, b) => b.cost.costNanoUsd - a.cost.costNanoUsd || (a.model < b.model ? -1 : 1));
  }

  #billsOf(row: CachedRow, reads: Readonly<Record<CacheTtl, number>>) {
    const price = this.#priceOf(row);
    const at5m = billOf(row, price, '5m', reads['5m']);
    const at1h = billOf(row, price, '1h', reads['1h']);
    const cost = asItWas(row);
    return at5m && at1h && cost && { cost, '5m': at5m, '1h': at1h };
  }

  #replayedOf({ provider, modelServed }: CachedRow): Replayed {
    const model = remembered(this.#models, `${provider}/${modelServed}`, () => {
      return `${provider}/${normalizeModel(provider, modelServed)}`;
    });
    return remembered(this.#replayed, model, () => ({
      sums: {
        requests: 0,
        known: 0,
        sessions: 0,
        cost: noBill(),
        bills: { '5m': noBill(), '1h': noBill() },
        unpriced: 0,
      },
      sessions: new Map(),
    }));
  }

  #priceOf({ provider, modelServed, priceVersion }: CachedRow): ModelPrice | undefined {
    if (priceVersion === null) return undefined;
    return remembered(this.#prices, `${provider}/${modelServed} ${priceVersion}`, () =>
      priceOfVersion(this.#ownPrices, provider, modelServed, priceVersion),
    );
  }

  #forgetOver(nowMs: number): void {
    for (const { sessions } of this.#replayed.values())
      for (const [session, prefixes] of sessions)
        if (nowMs - prefixes.at(-1)!.usedAtMs > TTL_MS['1h']) sessions.delete(session);
  }
}

/** What the row would have cost; undefined where a price is not known, also that of one kind of token. */
function billOf(row: CachedRow, price: ModelPrice | undefined, ttl: CacheTtl, reads: number): CacheBill | undefined {
  const writes = row.cacheReadTokens + row.cacheWrite5mTokens + row.cacheWrite1hTokens - reads;
  const usage: Usage = {
    ...NO_USAGE,
    inputTokens: row.inputTokens,
    cacheReadTokens: reads,
    cacheWrite5mTokens: ttl === '5m' ? writes : 0,
    cacheWrite1hTokens: ttl === '1h' ? writes : 0,
    outputTokens: row.outputTokens,
    webSearches: row.webSearches,
    serviceTier: row.serviceTier ?? undefined,
    inferenceGeo: row.inferenceGeo ?? undefined,
  };
  const factors = factorsOf(usage);
  const { millionths, isEstimated } = exactCostOf(usage, factors && price, factors ?? []);
  if (millionths === undefined || isEstimated) return undefined;
  return { cacheReadTokens: reads, cacheWriteTokens: writes, costNanoUsd: wholeNanoUsd(millionths) };
}

function asItWas(row: CachedRow): CacheBill | undefined {
  const { cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens, costNanoUsd } = row;
  if (costNanoUsd === null) return undefined;
  return { cacheReadTokens, cacheWriteTokens: cacheWrite5mTokens + cacheWrite1hTokens, costNanoUsd };
}

function noBill(): Counted<CacheBill> {
  return { cacheReadTokens: 0, cacheWriteTokens: 0, costNanoUsd: 0 };
}

function addTo(sum: Counted<CacheBill>, bill: CacheBill): void {
  sum.cacheReadTokens += bill.cacheReadTokens;
  sum.cacheWriteTokens += bill.cacheWriteTokens;
  sum.costNanoUsd += bill.costNanoUsd;
}

function remembered<T>(known: Map<string, T>, key: string, find: () => T): T {
  if (!known.has(key)) known.set(key, find());
  return known.get(key) as T;
}
