import { renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { type EndedRow, Ledger } from '../../src/ledger/ledger.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { auditBooks } from '../audit/samples.ts';
import { admission, BOOKING } from './samples.ts';

function ledgerBooks() {
  const books = auditBooks();
  const store = new LedgerStore(books.database);
  const ended: EndedRow[] = [];
  return { ...books, store, ended, ledger: new Ledger(books.database, store, (row) => ended.push(row)) };
}

const close = (ledger: Ledger, entry: Parameters<Ledger['close']>[0], outcome: 'ok' | 'broken' = 'ok') =>
  new Promise((resolve) => ledger.close(entry, { outcome, endedAtMs: 5_000 }, resolve));

describe('the ledger', () => {
  it('has a row once an attempt is admitted, and its end once it is closed', async () => {
    using books = ledgerBooks();
    const entry = await books.ledger.admit(admission());
    const nothing = { isSimulated: false, booking: null, heldNanoUsd: null, heldTokens: null };
    const open = { id: 1, firstByteAtMs: null, endedAtMs: null, status: null, outcome: null, sentBytes: 0, ...nothing };
    expect(books.store.open()).toEqual([{ ...admission(), ...open }]);
    Object.assign(entry, { firstByteAtMs: 2_000, status: 200, sentBytes: 12 });
    expect(await close(books.ledger, entry)).toBeUndefined();
    const closed = { firstByteAtMs: 2_000, endedAtMs: 5_000, status: 200, outcome: 'ok', sentBytes: 12, ...nothing };
    expect(books.store.after({ limit: 10 })).toEqual([{ ...admission(), id: 1, ...closed }]);
    expect(books.store.open()).toEqual([]);
  });

  it('keeps what an answer used and cost, and that it was simulated, with its end', async () => {
    using books = ledgerBooks();
    const entry = await books.ledger.admit({ ...admission(), isSubscription: true });
    Object.assign(entry, { isSimulated: true, booking: BOOKING });
    await close(books.ledger, entry);
    const money = { isSubscription: true, isSimulated: true, booking: BOOKING };
    expect(books.store.newest({ limit: 1 })[0]).toMatchObject(money);
  });

  it('writes what comes in one turn in one transaction', async () => {
    using books = ledgerBooks();
    const counter = new DatabaseSync(books.path);
    const commits = () => Number(counter.prepare('PRAGMA data_version').get()!.data_version);
    const before = commits();
    const entries = await Promise.all([1, 2, 3].map((n) => books.ledger.admit(admission(n))));
    expect(commits()).toBe(before + 1);
    await Promise.all(entries.map((entry) => close(books.ledger, entry)));
    expect(commits()).toBe(before + 2);
    counter.close();
  });

  it('keeps the first end of an attempt', async () => {
    using books = ledgerBooks();
    const entry = await books.ledger.admit(admission());
    await close(books.ledger, entry, 'broken');
    await close(books.ledger, entry, 'ok');
    expect(books.store.after({ limit: 1 })[0]!.outcome).toBe('broken');
    expect(() => books.database.exec("UPDATE ledger SET outcome = 'ok'")).toThrow();
  });

  it('refuses to admit what it cannot write, and admits again when it can', async () => {
    using books = ledgerBooks();
    const entry = await books.ledger.admit(admission(1));
    books.database.exec("CREATE TRIGGER full BEFORE INSERT ON ledger BEGIN SELECT RAISE(FAIL, 'no'); END");
    books.database.exec("CREATE TRIGGER full2 BEFORE UPDATE ON ledger BEGIN SELECT RAISE(FAIL, 'no'); END");
    await expect(books.ledger.admit(admission(2))).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE', gate: 'audit' });
    expect(await close(books.ledger, entry)).toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    books.database.exec('DROP TRIGGER full; DROP TRIGGER full2');
    await books.ledger.admit(admission(3));
    books.ledger.writeLate();
    books.ledger.flush();
    // What could not be written in time was not seen whole by the client.
    const rows = books.store.after({ limit: 10 }).map(({ requestId, outcome }) => [requestId, outcome]);
    expect(rows).toEqual([
      ['mbr_1', 'cut'],
      ['mbr_3', null],
    ]);
  });

  it('refuses to admit while its file is not where it was, which would take rows that nobody can read', async () => {
    using books = ledgerBooks();
    renameSync(books.path, `${books.path}.away`);
    await expect(books.ledger.admit(admission())).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    renameSync(`${books.path}.away`, books.path);
    expect((await books.ledger.admit(admission())).id).toBe(1);
  });

  it('tells of every end once it is written and before it is said to be, with what was really booked and held', async () => {
    using books = ledgerBooks();
    const reserved = { reservedNanoUsd: 90_000, reservedTokens: 40 };
    const entries = await Promise.all([1, 2, 3].map((n) => books.ledger.admit({ ...admission(n), ...reserved })));
    for (const entry of entries.slice(0, 2))
      Object.assign(entry, { status: 200, booking: BOOKING, bookedOnce: 'anthropic/batch_1' });
    for (const entry of entries) {
      books.ledger.close(entry, { outcome: 'broken', endedAtMs: 5_000 }, () => {
        expect(books.ended.map(({ id }) => id)).toContain(entry.id);
      });
    }
    expect(books.ended).toEqual([]);
    books.ledger.flush();
    const told = books.ended.map(({ booking, heldNanoUsd, heldTokens }) => [booking, heldNanoUsd, heldTokens]);
    expect(told).toEqual([
      [BOOKING, null, null],
      [null, null, null],
      [null, 90_000, 40],
    ]);
    expect(books.store.after({ limit: 10 })).toEqual(books.ended);
  });

  it('tells of an end that could not be written once it is, and whether all have caught up', async () => {
    using books = ledgerBooks();
    const entry = await books.ledger.admit({ ...admission(1), reservedNanoUsd: 90_000 });
    books.database.exec("CREATE TRIGGER full BEFORE UPDATE ON ledger BEGIN SELECT RAISE(FAIL, 'no'); END");
    await close(books.ledger, entry);
    expect([books.ledger.catchUp(), books.ended]).toEqual([false, []]);
    books.database.exec('DROP TRIGGER full');
    expect(books.ledger.catchUp()).toBe(true);
    expect(books.ended).toMatchObject([{ id: 1, outcome: 'cut', booking: null, heldNanoUsd: 90_000 }]);
    void books.ledger.admit(admission(2));
    expect(books.ledger.catchUp()).toBe(true);
    expect(books.store.open()).toHaveLength(1);
  });

  it('closes what a killed gateway left open as interrupted, with what is known', async () => {
    using books = ledgerBooks();
    await books.ledger.admit(admission(1));
    await books.ledger.admit({ ...admission(2), reservedNanoUsd: 90_000, reservedTokens: 40 });
    const ended: EndedRow[] = [];
    const next = new Ledger(books.database, books.store, (row) => ended.push(row));
    books.database.exec("CREATE TRIGGER full BEFORE UPDATE ON ledger BEGIN SELECT RAISE(FAIL, 'no'); END");
    expect(() => next.closeInterrupted(books.store.open(), 8_000)).toThrow();
    expect(ended).toEqual([]);
    books.database.exec('DROP TRIGGER full');
    next.closeInterrupted(books.store.open(), 9_000);
    const rows = books.store.after({ limit: 10 });
    expect(
      rows.map(({ endedAtMs, outcome, heldNanoUsd, heldTokens }) => [endedAtMs, outcome, heldNanoUsd, heldTokens]),
    ).toEqual([
      [9_000, 'interrupted', null, null],
      [9_000, 'interrupted', 90_000, 40],
    ]);
    expect(ended).toMatchObject(rows);
  });
});
