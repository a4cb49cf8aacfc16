import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adviseOnCache } from '../../../src/ledger/cache-advice/advise-on-cache.ts';
import { cachedRows } from '../../../src/ledger/cache-advice/cached-rows.ts';
import { auditBooks } from '../../audit/samples.ts';
import { lostEveryTime, writeCached } from './samples.ts';

const NOW = Date.UTC(2026, 10, 21);
const SINCE = NOW - 30 * 86_400_000;

let books: ReturnType<typeof auditBooks>;
beforeEach(() => {
  books = auditBooks();
});
afterEach(() => books[Symbol.dispose]());

const advise = (query: object = {}) => adviseOnCache(books.database, { sinceMs: SINCE, ownPrices: {}, ...query });

describe('advice on the cache', () => {
  it('is nothing of an empty ledger', async () => {
    expect(await advise()).toEqual([]);
  });

  it('is of what API keys read from and wrote to the cache of Messages since then', async () => {
    const at = { admittedAtMs: NOW - 1_000 };
    await writeCached(books.database, [
      ...lostEveryTime(NOW),
      { ...at, read: 10, isSubscription: true },
      { ...at, read: 10, isSimulated: true },
      { ...at, read: 10, provider: 'openai', modelServed: 'gpt-6-sol', route: 'chat/completions' },
      { ...at, read: 10, route: 'messages/batches/{id}/results', modelServed: null },
      { ...at, usage: { inputTokens: 10 } },
      { ...at, booking: null },
      { read: 10, admittedAtMs: SINCE - 1 },
      { ...at, read: 10, agentId: 'reviewer' },
    ]);
    expect((await advise()).map(({ model, requests }) => [model, requests])).toEqual([
      ['anthropic/claude-haiku-4-5', 73],
    ]);
    expect((await advise({ agentId: 'reviewer' })).map(({ requests }) => requests)).toEqual([1]);
    const written = 6 * (12 * 100_000 + 66 * 1_000);
    const kept = 6 * (11 * 100_000 + 55 * 1_000);
    expect(await advise({ agentId: 'main' })).toEqual([
      {
        model: 'anthropic/claude-haiku-4-5',
        requests: 72,
        known: 66,
        sessions: 6,
        cost: { cacheReadTokens: 0, cacheWriteTokens: written, costNanoUsd: written * 1_250 },
        bills: {
          '5m': { cacheReadTokens: 0, cacheWriteTokens: written, costNanoUsd: written * 1_250 },
          '1h': {
            cacheReadTokens: kept,
            cacheWriteTokens: written - kept,
            costNanoUsd: (written - kept) * 2_000 + kept * 100,
          },
        },
        unpriced: 0,
      },
    ]);
  });

  it('reads no more than a page at a time, and every row once', async () => {
    await writeCached(
      books.database,
      Array.from({ length: 1_203 }, (_, n) => ({ read: n + 1, admittedAtMs: NOW + n })),
    );
    const pages = [...cachedRows(books.database, { sinceMs: NOW + 1 })];
    expect(pages.map(({ length }) => length)).toEqual([250, 250, 250, 250, 202]);
    expect(pages.flat().map(({ cacheReadTokens }) => cacheReadTokens)).toEqual(
      Array.from({ length: 1_202 }, (_, n) => n + 2),
    );
  });

  it('lets other work go on after each page, and reads no further when nobody waits any more', async () => {
    const rows = Array.from({ length: 4 }, () => lostEveryTime(NOW)).flat();
    await writeCached(books.database, rows);
    let turns = 0;
    const all = advise();
    setImmediate(() => {
      turns += 1;
    });
    expect((await all).map(({ requests }) => requests)).toEqual([288]);
    expect(turns).toBe(1);
    const stop = new AbortController();
    const part = advise({ signal: stop.signal });
    stop.abort();
    expect((await part).map(({ requests }) => requests)).toEqual([250]);
  });
});
