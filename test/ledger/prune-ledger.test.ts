import { describe, expect, it } from 'vitest';
import { QUARTER_MS } from '../../src/core/time.ts';
import { anchorLedger } from '../../src/ledger/anchor.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { cutLedger, dropCutRows, lastCut } from '../../src/ledger/prune-ledger.ts';
import { USAGE_GROUPS, usageReport } from '../../src/ledger/usage-report.ts';
import { verifyLedger } from '../../src/ledger/verify-ledger.ts';
import { auditBooks } from '../audit/samples.ts';
import { admission, BOOKING } from './samples.ts';

const FIRST = Date.UTC(2026, 10, 1);
const MINUTE = 60_000;

/** One row a minute, each ended half a minute later, but for those named, which end at last; an anchor after every fourth. */
async function books(count: number, last: readonly number[] = []) {
  const made = auditBooks();
  const store = new LedgerStore(made.database);
  const ledger = new Ledger(made.database, store);
  const rows = Array.from({ length: count }, (_, n) => ({ n, admittedAtMs: FIRST + n * MINUTE }));
  const admitted = rows.map(({ n, admittedAtMs }) => ledger.admit({ ...admission(n), admittedAtMs }));
  ledger.flush();
  const entries = await Promise.all(admitted);
  const ordered = [...rows.filter(({ n }) => !last.includes(n)), ...rows.filter(({ n }) => last.includes(n))];
  for (const [place, { n }] of ordered.entries()) {
    entries[n]!.booking = BOOKING;
    ledger.close(entries[n]!, { outcome: 'ok', endedAtMs: FIRST + (place + 0.5) * MINUTE });
    ledger.flush();
    if (place % 4 === 3) anchorLedger({ ...made, ledger: store }, FIRST);
  }
  return { ...made, store, ledger, ids: () => store.after({ limit: 100_000 }).map(({ id }) => id) };
}

const drop = (database: Parameters<typeof dropCutRows>[0]) => {
  while (dropCutRows(database, 0));
};

describe('rows that are old enough', () => {
  it('go in the order in which they ended, and what is left is whole', async () => {
    using made = await books(12, [1]);
    expect(cutLedger(made, FIRST + 6 * MINUTE, FIRST)).toBe(true);
    drop(made.database);
    expect(made.ids()).toEqual([2, 8, 9, 10, 11, 12]);
    expect(verifyLedger(made.database)).toEqual({ completed: 12, pruned: 6, anchored: 12, fault: undefined });
    expect(cutLedger(made, FIRST + 6 * MINUTE, FIRST)).toBe(false);
    const { digest } = lastCut(made.database)!;
    expect(made.audit.newestOf('ledger.pruned')).toMatchObject({
      actor: 'gateway',
      subject: '1-6',
      detail: { from: 1, to: 6, digest, beforeAtMs: FIRST + 6 * MINUTE },
    });
  });

  it('go all but the last to end, which the next one follows', async () => {
    using made = await books(5);
    cutLedger(made, FIRST + 100 * MINUTE, FIRST);
    drop(made.database);
    expect(made.ids()).toEqual([5]);
    const next = new Ledger(made.database, made.store);
    const admitted = next.admit(admission(6));
    next.flush();
    next.close(await admitted, { outcome: 'ok', endedAtMs: FIRST + 101 * MINUTE });
    next.flush();
    expect(verifyLedger(made.database)).toEqual({ completed: 6, pruned: 4, anchored: 4, fault: undefined });
    expect(cutLedger(made, FIRST + 100 * MINUTE, FIRST)).toBe(true);
    drop(made.database);
    expect(verifyLedger(made.database)).toEqual({ completed: 6, pruned: 5, anchored: 5, fault: undefined });
  });

  it('go a few at a time, and a gateway that was killed between goes on', async () => {
    using made = await books(160);
    cutLedger(made, FIRST + 120 * MINUTE, FIRST);
    expect(dropCutRows(made.database, 0)).toBe(true);
    expect(made.ids()).toHaveLength(110);
    expect(verifyLedger(made.database)).toEqual({ completed: 160, pruned: 120, anchored: 160, fault: undefined });
    expect(dropCutRows(made.database, 0)).toBe(true);
    expect(dropCutRows(made.database, 0)).toBe(false);
    expect(made.ids()).toHaveLength(40);
    expect(dropCutRows(made.database, 0)).toBe(false);
  });

  it('leave everything where none is', async () => {
    using made = await books(3);
    expect(dropCutRows(made.database, 0)).toBe(false);
    expect(cutLedger(made, FIRST, FIRST)).toBe(false);
    using empty = await books(0);
    expect(cutLedger(empty, FIRST, FIRST)).toBe(false);
    expect(lastCut(empty.database)).toBeUndefined();
  });

  it.each([
    ['a row that was changed', "UPDATE ledger SET outcome = 'x' WHERE id = 9", { completion: 9, kind: 'changed' }],
    ['the first that is left, which is gone', 'DELETE FROM ledger WHERE id = 7', { completion: 7, kind: 'missing' }],
    ['a row further on that is gone', 'DELETE FROM ledger WHERE id = 10', { completion: 10, kind: 'missing' }],
    ['the end, which is gone', 'DELETE FROM ledger WHERE completion > 10', { completion: 11, kind: 'missing' }],
    ['all, which are gone', 'DELETE FROM ledger', { completion: 7, kind: 'missing' }],
  ])('hide nothing: %s is named', async (_what, sql, fault) => {
    using made = await books(12);
    cutLedger(made, FIRST + 6 * MINUTE, FIRST);
    drop(made.database);
    made.tamper(sql);
    expect(verifyLedger(made.database).fault).toMatchObject(fault);
  });

  it('hide no other history: rows made anew behind the cut do not follow its digest', async () => {
    using made = await books(12);
    cutLedger(made, FIRST + 6 * MINUTE, FIRST);
    drop(made.database);
    using other = await books(13);
    const rows = other.store.completedAfter(6, 100);
    made.tamper('DELETE FROM ledger');
    for (const row of rows) {
      made.store.insert(row);
      made.database.run('UPDATE ledger SET id = ? WHERE id = (SELECT max(id) FROM ledger)', row.id);
      made.store.complete({ ...row, outcome: row.id === 7 ? 'broken' : row.outcome } as never);
    }
    expect(verifyLedger(made.database).fault).toMatchObject({ completion: 7, kind: 'changed' });
  });

  it('stay in every report: from any moment before, by the quarter of an hour', async () => {
    using made = await books(120);
    const report = (sinceMs: number, by: (typeof USAGE_GROUPS)[number] = 'agent') =>
      usageReport(made.database, { sinceMs, nowMs: FIRST, by });
    const [all, fromQuarter, fromWithin, fromKept] = [0, 15, 20, 100].map((minute) => report(FIRST + minute * MINUTE));
    cutLedger(made, FIRST + 90 * MINUTE, FIRST);
    drop(made.database);
    expect(made.ids()).toHaveLength(30);
    expect(report(FIRST)).toEqual(all);
    expect(report(FIRST + QUARTER_MS)).toEqual(fromQuarter);
    expect(report(FIRST + 20 * MINUTE)).toEqual(fromQuarter);
    expect(fromWithin!.total.requests).toBe(100);
    expect(report(FIRST + 100 * MINUTE)).toEqual(fromKept);
    for (const by of USAGE_GROUPS) expect(report(FIRST, by).total.requests).toBe(120);
  });

  it('are counted without their labels, and the report says since when it knows those', async () => {
    using made = await books(10);
    const report = (minute: number) =>
      usageReport(made.database, { sinceMs: FIRST + minute * MINUTE, nowMs: FIRST, by: 'project' });
    const keys = (minute: number) => report(minute).lines.map(({ key, requests }) => [key, requests]);
    expect([keys(0), report(0).labelsSinceMs]).toEqual([[['web', 10]], null]);
    cutLedger(made, FIRST + 6 * MINUTE, FIRST);
    drop(made.database);
    expect(report(0).labelsSinceMs).toBe(FIRST + 6 * MINUTE);
    expect(keys(0)).toEqual([
      [null, 6],
      ['web', 4],
    ]);
    expect([keys(7), report(7).labelsSinceMs]).toEqual([[['web', 3]], null]);
  });
});
