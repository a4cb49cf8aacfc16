import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../src/core/time.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { usageReport } from '../../src/ledger/usage-report.ts';
import { auditBooks } from '../audit/samples.ts';
import { admission, BOOKING } from './samples.ts';

const FIRST = Date.UTC(2026, 10, 1);
const LATER = FIRST + 24 * 60 * MINUTE_MS;

interface Row {
  /** Minutes after the first: let out, first byte, ended. */
  readonly at: number;
  readonly firstByte?: number;
  readonly ended?: number;
  readonly read?: number;
  readonly write5m?: number;
  readonly write1h?: number;
  readonly session?: string;
  readonly agentId?: string;
  readonly modelServed?: string;
  readonly serviceTier?: string;
}

/** Rows that end in the order of their ends. */
async function conversation(given: readonly Row[]) {
  const books = auditBooks();
  const ledger = new Ledger(books.database, new LedgerStore(books.database));
  const admitted = given.map(({ at, session = 's', agentId = 'main', modelServed = 'claude-haiku-4-5' }, n) =>
    ledger.admit({ ...admission(n), session, agentId, modelServed, admittedAtMs: FIRST + at * MINUTE_MS }),
  );
  ledger.flush();
  const entries = await Promise.all(admitted);
  const ends = given.map((row, n) => ({ row, entry: entries[n]!, ended: endOf(row) }));
  for (const { row, entry, ended } of ends.toSorted((a, b) => a.ended - b.ended)) {
    entry.firstByteAtMs = FIRST + (row.firstByte ?? row.at) * MINUTE_MS;
    entry.booking = {
      ...BOOKING,
      cacheReadTokens: row.read ?? 0,
      cacheWrite5mTokens: row.write5m ?? 0,
      cacheWrite1hTokens: row.write1h ?? 0,
      serviceTier: row.serviceTier ?? null,
    };
    ledger.close(entry, { outcome: 'ok', endedAtMs: FIRST + ended * MINUTE_MS });
    ledger.flush();
  }
  return books;
}

/** The sums by days are those by quarters, whatever was counted and taken back. */
function expectSameDays({ database }: Awaited<ReturnType<typeof conversation>>) {
  const sums = 'sum(requests), sum(unread_5m_tokens), sum(unread_1h_tokens)';
  const of = (table: string) =>
    database.all(`SELECT quarter / 96 AS day, agent_id, model, ${sums} FROM ${table} GROUP BY 1, 2, 3`);
  expect(of('usage_days')).toEqual(of('usage_quarters'));
}

const endOf = ({ at, firstByte = at, ended = firstByte }: Row) => ended;

async function unread(given: readonly Row[], nowMs = LATER) {
  using books = await conversation(given);
  expectSameDays(books);
  const { unread5mTokens, unread1hTokens } = usageReport(books.database, { sinceMs: 0, nowMs, by: 'agent' }).total;
  return [unread5mTokens, unread1hTokens];
}

describe('what is written to a cache', () => {
  it('was wasted when no later row of its conversation reads it while it lives, and cost more than plain input', async () => {
    expect(await unread([{ at: 0, write5m: 100 }])).toEqual([100, 0]);
    expect(
      await unread([
        { at: 0, write5m: 100 },
        { at: 5, read: 100 },
      ]),
    ).toEqual([0, 0]);
    expect(
      await unread([
        { at: 0, write5m: 100 },
        { at: 5.01, read: 100 },
      ]),
    ).toEqual([100, 0]);
    expect(
      await unread([
        { at: 0, write1h: 100 },
        { at: 60, read: 100 },
      ]),
    ).toEqual([0, 0]);
    expect(
      await unread([
        { at: 0, write1h: 100 },
        { at: 60.01, read: 100 },
      ]),
    ).toEqual([0, 100]);
    using books = await conversation([{ at: 0, write5m: 100, write1h: 10 }]);
    const { total } = usageReport(books.database, { sinceMs: 0, nowMs: LATER, by: 'agent' });
    expect(total.wastedNanoUsd).toBe(100 * 250 + 10 * 1_000);
  });

  it('lives from the first byte of its answer on', async () => {
    expect(
      await unread([
        { at: 0, firstByte: 3, ended: 9, write5m: 100 },
        { at: 8, ended: 10, read: 100 },
      ]),
    ).toEqual([0, 0]);
  });

  it('is taken back as far as it was read: what lives longer stands first in the prompt', async () => {
    const written = { at: 0, read: 1_000, write5m: 100, write1h: 50 };
    expect(await unread([written, { at: 1, read: 1_000 }])).toEqual([100, 50]);
    expect(await unread([written, { at: 1, read: 1_020 }])).toEqual([100, 30]);
    expect(await unread([written, { at: 1, read: 1_020 }, { at: 2, read: 1_070 }])).toEqual([80, 0]);
    expect(await unread([written, { at: 1, read: 1_020 }, { at: 2, read: 1_150 }])).toEqual([0, 0]);
    expect(await unread([written, { at: 8, read: 1_150 }])).toEqual([100, 0]);
  });

  it('grows with the conversation: only the last turn is never read', async () => {
    const turns = [0, 1, 2, 3].map((n) => ({ at: n * 4, read: n * 100, write5m: 100 }));
    expect(await unread(turns)).toEqual([100, 0]);
  });

  it.each([
    ['another session', { session: 't' }],
    ['another agent', { agentId: 'reviewer' }],
    ['another model', { modelServed: 'claude-opus-4-7' }],
  ])('is not read by %s', async (_what, other) => {
    expect(
      await unread([
        { at: 0, write5m: 100 },
        { at: 1, read: 100, ...other },
      ]),
    ).toEqual([100, 0]);
  });

  it('is not wasted while it lives, nor in a batch, whose answers read what others of it wrote', async () => {
    const written = { at: 0, write5m: 100, write1h: 50 };
    expect(await unread([written], FIRST + 5 * MINUTE_MS)).toEqual([0, 0]);
    expect(await unread([written], FIRST + 6 * MINUTE_MS)).toEqual([100, 0]);
    expect(await unread([written], FIRST + 61 * MINUTE_MS)).toEqual([100, 50]);
    expect(await unread([{ ...written, serviceTier: 'batch' }])).toEqual([0, 0]);
  });

  it('is forgotten two hours after it was gone, and stays counted', async () => {
    using books = await conversation([
      { at: 0, write5m: 100 },
      { at: 124, write5m: 10, session: 't' },
    ]);
    const left = () => books.database.get<{ n: number }>('SELECT count(*) AS n FROM unread_cache_writes')!.n;
    expect(left()).toBe(2);
    using more = await conversation([
      { at: 0, write5m: 100 },
      { at: 126, write5m: 10, session: 't' },
    ]);
    expect(more.database.all('SELECT session FROM unread_cache_writes')).toMatchObject([{ session: 't' }]);
    const { total } = usageReport(more.database, { sinceMs: 0, nowMs: LATER, by: 'agent' });
    expect(total.unread5mTokens).toBe(110);
  });

  it('is followed for the last 32 writes of a session, and older ones stay counted', async () => {
    const written = Array.from({ length: 40 }, (_, n) => ({ at: n, read: n * 10, write1h: 10 }));
    const unrelated = written.map((row) => ({ ...row, read: 0 }));
    using books = await conversation(unrelated);
    expect(books.database.get('SELECT count(*) AS n, min(ledger_id) AS first FROM unread_cache_writes')).toEqual({
      n: 32,
      first: 9,
    });
    expect(await unread([...unrelated, { at: 40, read: 10 }])).toEqual([0, 80]);
    expect(await unread(written)).toEqual([0, 10]);
  });

  it('is counted as a scan of all rows counts it', async () => {
    const tokens = fc.integer({ min: 0, max: 100 });
    const minutes = fc.integer({ min: 0, max: 40 });
    const rows = fc
      .record({
        at: minutes,
        firstByte: minutes,
        ended: minutes,
        read: fc.integer({ min: 0, max: 200 }),
        write5m: tokens,
        write1h: tokens,
        session: fc.constantFrom('s', 't'),
      })
      .map((row) => ({ ...row, firstByte: row.at + row.firstByte, ended: row.at + row.firstByte + row.ended }));
    await fc.assert(
      fc.asyncProperty(fc.array(rows, { maxLength: 12 }), async (given) => {
        const inOrder = given
          .map((row, n) => ({ row, n }))
          .toSorted((a, b) => endOf(a.row) - endOf(b.row) || a.n - b.n);
        const ended = inOrder.map(({ row }) => row);
        const left = ended.map((row, n) => scanned(row, ended.slice(n + 1)));
        const sum = (of: 0 | 1) => left.reduce((total, each) => total + each[of], 0);
        expect(await unread(given)).toEqual([sum(0), sum(1)]);
      }),
      { numRuns: 60 },
    );
  });
});

/** What of a row is left by all that ended after it: of 5 m and of 1 h. */
function scanned(
  row: Required<Pick<Row, 'at' | 'firstByte' | 'read' | 'write5m' | 'write1h' | 'session'>>,
  later: readonly Row[],
) {
  const reachedWithin = (lives: number) =>
    Math.max(
      0,
      ...later
        .filter(({ at, session }) => session === row.session && at <= row.firstByte + lives)
        .map(({ read }) => read ?? 0),
    );
  const middle = row.read + row.write1h;
  const end = middle + row.write5m;
  return [
    Math.min(row.write5m, Math.max(0, end - reachedWithin(5))),
    Math.min(row.write1h, Math.max(0, middle - reachedWithin(60))),
  ] as const;
}
