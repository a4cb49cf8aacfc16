import { describe, expect, it } from 'vitest';
import { QUARTER_MS } from '../../src/core/time.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { usageReport } from '../../src/ledger/usage-report.ts';
import { auditBooks } from '../audit/samples.ts';
import { admission, BOOKING } from './samples.ts';

const NOW = Date.UTC(2026, 11, 1);

/** One row at the end of each quarter of an hour; the last is under way. */
async function everyQuarter(fromMs: number, untilMs: number) {
  const books = auditBooks();
  const ledger = new Ledger(books.database, new LedgerStore(books.database));
  const times = Array.from({ length: (untilMs - fromMs) / QUARTER_MS }, (_, n) => fromMs + (n + 1) * QUARTER_MS - 1);
  const admitted = times.map((admittedAtMs, n) => ledger.admit({ ...admission(n), admittedAtMs }));
  ledger.flush();
  for (const entry of (await Promise.all(admitted)).slice(0, -1)) {
    entry.booking = BOOKING;
    ledger.close(entry, { outcome: 'ok', endedAtMs: untilMs });
  }
  ledger.flush();
  return books;
}

describe('a report by day', () => {
  it.each([
    ['Europe/Berlin', '2026-10-24T22:00Z', { '2026-10-25': 25, '2026-10-26': 24 }],
    ['Europe/Berlin', '2026-03-28T23:00Z', { '2026-03-29': 23, '2026-03-30': 24 }],
    ['Asia/Kathmandu', '2026-11-01T18:15Z', { '2026-11-02': 24, '2026-11-03': 24 }],
    ['Australia/Lord_Howe', '2026-04-03T13:00Z', { '2026-04-04': 24, '2026-04-05': 24.5, '2026-04-06': 24 }],
    ['America/Havana', '2026-03-07T05:00Z', { '2026-03-07': 24, '2026-03-08': 23, '2026-03-09': 24 }],
    ['Pacific/Apia', '2011-12-29T10:00Z', { '2011-12-29': 24, '2011-12-31': 24 }],
    ['UTC', '2026-11-01T00:00Z', { '2026-11-01': 24, '2026-11-02': 24 }],
  ])('has the days of %s from %s on, with their hours: %j', async (timeZone, from, hours) => {
    const fromMs = Date.parse(from);
    const count = Object.values(hours).reduce((sum, more) => sum + more, 0);
    using books = await everyQuarter(fromMs - QUARTER_MS, fromMs + count * 4 * QUARTER_MS);
    const { lines } = usageReport(books.database, { nowMs: NOW, sinceMs: fromMs, by: 'day', timeZone });
    expect(Object.fromEntries(lines.map(({ key, requests }) => [key, requests / 4]))).toEqual(hours);
  });
});
