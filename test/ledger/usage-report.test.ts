import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Booking } from '../../src/ledger/ledger-row.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { isLabelGroup, NO_REPORT, USAGE_GROUPS, usageReport } from '../../src/ledger/usage-report.ts';
import { auditBooks } from '../audit/samples.ts';
import { admission, BOOKING } from './samples.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 30);
const FIRST = Date.UTC(2026, 10, 1);

interface Row {
  readonly agentId: string;
  readonly model: string;
  readonly day: number;
  readonly outcome: 'ok' | 'server_error' | 'client_left';
  readonly isSimulated: boolean;
  readonly isSubscription: boolean;
  readonly booking: Booking | null;
  readonly labels: string | null;
}

const PLAIN: Row = {
  agentId: 'main',
  model: 'claude-haiku-4-5',
  day: 0,
  outcome: 'ok',
  isSimulated: false,
  isSubscription: false,
  booking: BOOKING,
  labels: null,
};

const tokens = fc.integer({ min: 0, max: 1_000_000 });
const bookings = fc.record({
  usageState: fc.constantFrom('reported', 'partial', 'estimated' as const),
  inputTokens: tokens,
  cacheReadTokens: tokens,
  cacheWrite5mTokens: tokens,
  cacheWrite1hTokens: tokens,
  outputTokens: tokens,
  costNanoUsd: fc.option(fc.integer({ min: 0, max: 10_000_000_000 })),
});
const rows = fc.record({
  agentId: fc.constantFrom('main', 'reviewer'),
  model: fc.constantFrom('claude-haiku-4-5', 'claude-haiku-4-5-20251001', 'claude-next-9'),
  day: fc.integer({ min: 0, max: 3 }),
  outcome: fc.constantFrom('ok', 'server_error', 'client_left' as const),
  isSimulated: fc.boolean(),
  isSubscription: fc.boolean(),
  booking: fc.option(bookings.map((some): Booking => ({ ...BOOKING, ...some }))),
  labels: fc.constantFrom(null, '{"feature":"search"}', '{"project":"web","feature":"search"}', '{"team":"a"}', '{'),
});

function ledgerWith(given: readonly Row[]) {
  const books = auditBooks();
  const ledger = new Ledger(books.database, new LedgerStore(books.database));
  const admitted = given.map(({ agentId, model, day, isSubscription, labels }, n) =>
    ledger.admit({
      ...admission(n),
      agentId,
      session: `s${n}`,
      isSubscription,
      labels,
      modelServed: model,
      admittedAtMs: FIRST + day * DAY_MS + n,
    }),
  );
  ledger.flush();
  return Promise.all(admitted).then((entries) => {
    entries.forEach((entry, n) => {
      const { outcome, isSimulated, booking } = given[n]!;
      Object.assign(entry, { isSimulated, booking });
      ledger.close(entry, { outcome, endedAtMs: FIRST + 5 * DAY_MS });
    });
    ledger.flush();
    return books;
  });
}

const NO_WASTE = { unread5mTokens: 0, unread1hTokens: 0, wastedNanoUsd: 0, unvaluedUnreadTokens: 0 };

/** The same figures, row by row. */
function scanned(given: readonly Row[]) {
  const real = given.filter(({ isSimulated }) => !isSimulated);
  const sum = (of: (row: Row) => number) => real.reduce((total, row) => total + of(row), 0);
  return {
    requests: real.length,
    failed: sum(({ outcome }) => (outcome === 'server_error' ? 1 : 0)),
    inputTokens: sum(({ booking }) => booking?.inputTokens ?? 0),
    cacheReadTokens: sum(({ booking }) => booking?.cacheReadTokens ?? 0),
    cacheWriteTokens: sum(({ booking }) => (booking ? booking.cacheWrite5mTokens + booking.cacheWrite1hTokens : 0)),
    outputTokens: sum(({ booking }) => booking?.outputTokens ?? 0),
    costNanoUsd: sum(({ booking }) => booking?.costNanoUsd ?? 0),
    unpriced: sum(({ booking }) => (booking && booking.costNanoUsd === null ? 1 : 0)),
    heldNanoUsd: 0,
    heldTokens: 0,
    held: 0,
    estimated: sum(({ booking }) => (booking && booking.usageState !== 'reported' ? 1 : 0)),
    subscription: sum(({ isSubscription }) => (isSubscription ? 1 : 0)),
    cacheWrite5mTokens: sum(({ booking }) => booking?.cacheWrite5mTokens ?? 0),
    cacheWrite1hTokens: sum(({ booking }) => booking?.cacheWrite1hTokens ?? 0),
    reasoningTokens: 0,
    webSearches: 0,
    // Haiku reads from a cache for $0.10 a million tokens in place of $1.
    savedNanoUsd: sum(({ booking, isSubscription }) => (isSubscription ? 0 : (booking?.cacheReadTokens ?? 0) * 900)),
    unvaluedCacheReadTokens: 0,
    unread5mTokens: sum(({ booking }) => booking?.cacheWrite5mTokens ?? 0),
    unread1hTokens: sum(({ booking }) => booking?.cacheWrite1hTokens ?? 0),
    // Each row is a session of its own, so nobody reads what it wrote, for $1.25 and $2 in place of $1.
    wastedNanoUsd: sum(({ booking, isSubscription }) =>
      booking && !isSubscription ? booking.cacheWrite5mTokens * 250 + booking.cacheWrite1hTokens * 1_000 : 0,
    ),
    unvaluedUnreadTokens: 0,
  };
}

describe('a report of what was used', () => {
  it('has the sum of the rows as its total and as the sum of its lines, by whatever it is grouped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rows, { maxLength: 25 }), async (given) => {
        using books = await ledgerWith(given);
        for (const by of USAGE_GROUPS) {
          const { total, simulated, lines } = usageReport(books.database, { nowMs: NOW, sinceMs: FIRST, by });
          expect({ total, simulated }).toEqual({
            total: isLabelGroup(by) ? { ...scanned(given), ...NO_WASTE } : scanned(given),
            simulated: given.filter(({ isSimulated }) => isSimulated).length,
          });
          expect(new Set(lines.map(({ key }) => key)).size).toBe(lines.length);
        }
        const ofOne = usageReport(books.database, { nowMs: NOW, sinceMs: FIRST + DAY_MS, by: 'day', agentId: 'main' });
        const wanted = given.filter(({ agentId, day }) => agentId === 'main' && day >= 1);
        expect(ofOne.total).toEqual(scanned(wanted));
      }),
      { numRuns: 30 },
    );
  });

  it('has a line for each agent, model in any spelling, profile and day', async () => {
    const row = PLAIN;
    const dearer = { ...row, agentId: 'reviewer', day: 1, booking: { ...BOOKING, costNanoUsd: 50_000 } };
    using books = await ledgerWith([row, { ...row, model: 'claude-haiku-4-5-20251001' }, dearer]);
    const keys = (by: (typeof USAGE_GROUPS)[number]) =>
      usageReport(books.database, { nowMs: NOW, sinceMs: FIRST, by }).lines.map(({ key, costNanoUsd }) => [
        key,
        costNanoUsd,
      ]);
    expect(keys('agent')).toEqual([
      ['reviewer', 50_000],
      ['main', 40_000],
    ]);
    expect(keys('model')).toEqual([['anthropic/claude-haiku-4-5', 90_000]]);
    expect(keys('profile')).toEqual([['main/anthropic:work', 90_000]]);
    expect(keys('day')).toEqual([
      ['2026-11-01', 40_000],
      ['2026-11-02', 50_000],
    ]);
  });

  it('has a line for each value of a label, for each set of labels, and one for what has none', async () => {
    const row = (labels: string | null, costNanoUsd: number): Row => ({
      ...PLAIN,
      labels,
      booking: { ...BOOKING, costNanoUsd },
    });
    using books = await ledgerWith([
      row('{"project":"web","feature":"search"}', 40),
      row('{"feature":"search"}', 30),
      row('{"feature":"=cmd"}', 20),
      row('{"project":"web"}', 10),
      row(null, 5),
      { ...row('{"feature":"search"}', 1_000), isSimulated: true },
    ]);
    const keys = (by: (typeof USAGE_GROUPS)[number]) =>
      usageReport(books.database, { nowMs: NOW, sinceMs: FIRST, by }).lines.map(({ key, costNanoUsd }) => [
        key,
        costNanoUsd,
      ]);
    expect(keys('feature')).toEqual([
      ['search', 70],
      ['=cmd', 20],
      [null, 15],
    ]);
    expect(keys('project')).toEqual([
      [null, 55],
      ['web', 50],
    ]);
    expect(keys('label')).toEqual([
      ['feature=search project=web', 40],
      ['feature=search', 30],
      ['feature==cmd', 20],
      ['project=web', 10],
      [null, 5],
    ]);
  });

  it('values what caches saved at the price of each row: by batch at half, on a subscription nothing, else not at all', async () => {
    const read = { ...BOOKING, inputTokens: 0, cacheReadTokens: 1_000_000 };
    const own = { ...read, priceVersion: 'config/gone' };
    using books = await ledgerWith([
      { ...PLAIN, booking: read },
      { ...PLAIN, booking: { ...read, serviceTier: 'batch' } },
      { ...PLAIN, booking: read, isSubscription: true },
      { ...PLAIN, booking: own },
      { ...PLAIN, booking: { ...own, priceVersion: null } },
    ]);
    const { savedNanoUsd, unvaluedCacheReadTokens } = usageReport(books.database, {
      nowMs: NOW,
      sinceMs: 0,
      by: 'agent',
    }).total;
    expect([savedNanoUsd, unvaluedCacheReadTokens]).toEqual([1_350_000_000, 2_000_000]);
  });

  it('of nothing is empty', async () => {
    using books = await ledgerWith([]);
    expect(usageReport(books.database, { nowMs: NOW, sinceMs: 0, by: 'agent' })).toEqual(NO_REPORT);
  });
});
