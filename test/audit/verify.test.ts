import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headOf } from '../../src/audit/head.ts';
import { sealAll, sealBatch } from '../../src/audit/seal.ts';
import { verifyChain } from '../../src/audit/verify.ts';
import { Database } from '../../src/database/database.ts';
import { auditBooks, KEY } from './samples.ts';

describe('a sealed audit', () => {
  it('is whole, counts what is not sealed yet, and has a head', () => {
    using books = auditBooks();
    books.append(5);
    sealAll(books.database, KEY);
    books.append(2, 6);
    const { head, ...verdict } = verifyChain(books.database, KEY);
    expect(verdict).toEqual({ rows: 7, sealed: 5, unsealed: 2, fault: undefined });
    expect(head).toEqual({ seq: 5, mac: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('is the same whether rows are sealed one by one, together, or by two processes in turn', () => {
    using first = auditBooks();
    using second = auditBooks();
    first.append(450);
    sealAll(first.database, KEY);
    const other = Database.open(second.path);
    for (let n = 1; n <= 450; n++) {
      second.append(1, n);
      if (n % 7 === 0) sealBatch(n % 2 === 0 ? other : second.database, KEY);
    }
    sealAll(other, KEY);
    other.close();
    expect(headOf(second.database)).toEqual(headOf(first.database));
    expect(verifyChain(second.database, KEY).fault).toBeUndefined();
  });

  it('refuses to change or delete a row', () => {
    using books = auditBooks();
    books.append(2);
    sealAll(books.database, KEY);
    for (const sql of [
      'DELETE FROM audit WHERE seq = 1',
      "UPDATE audit SET actor = 'x'",
      'UPDATE audit SET mac = NULL',
    ])
      expect(() => books.database.exec(sql)).toThrow();
    expect(verifyChain(books.database, KEY).fault).toBeUndefined();
  });
});

describe('what was done to it is found, and the first row named', () => {
  /** Each column changed by one byte (or one, of a number). */
  it.each([
    ['at_ms', 'at_ms = at_ms + 1'],
    ['actor', "actor = 'person:alicf'"],
    ['action', "action = 'enrollment.approvee'"],
    ['subject', "subject = 'agent-2'"],
    ['detail', `detail = replace(detail, 'C-3', 'C-4')`],
    ['detail, only in its spelling', `detail = replace(detail, ':', ': ')`],
    ['mac', "mac = unhex('00' || substr(hex(mac), 3))"],
    ['mac, cut short', 'mac = substr(mac, 1, 31)'],
  ])('a changed %s', (_column, change) => {
    using books = auditBooks();
    books.append(5);
    sealAll(books.database, KEY);
    books.tamper(`UPDATE audit SET ${change} WHERE seq = 3`);
    expect(verifyChain(books.database, KEY).fault).toEqual({ seq: 3, kind: 'changed' });
  });

  it.each([
    ['a deleted first row', 'DELETE FROM audit WHERE seq = 1', { seq: 1, kind: 'missing' }],
    ['a deleted row', 'DELETE FROM audit WHERE seq = 3', { seq: 3, kind: 'missing' }],
    ['a deleted last row', 'DELETE FROM audit WHERE seq = 5', { seq: 5, kind: 'missing' }],
    ['everything deleted', 'DELETE FROM audit', { seq: 1, kind: 'missing' }],
    [
      'a deleted row, the rest moved up',
      'DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3',
      { seq: 3, kind: 'changed' },
    ],
    [
      'two rows in each other’s place',
      'UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 99',
      { seq: 2, kind: 'changed' },
    ],
    [
      'a row put in between',
      "UPDATE audit SET seq = -seq WHERE seq > 2; UPDATE audit SET seq = 1 - seq WHERE seq < 0; INSERT INTO audit VALUES (3, 1003, 'a', 'b', 'c', '{}', zeroblob(32))",
      { seq: 3, kind: 'changed' },
    ],
    ['a seal taken away', 'UPDATE audit SET mac = NULL WHERE seq = 3', { seq: 3, kind: 'unsealed' }],
  ])('%s', (_what, sql, fault) => {
    using books = auditBooks();
    books.append(5);
    sealAll(books.database, KEY);
    books.tamper(sql);
    expect(verifyChain(books.database, KEY).fault).toEqual(fault);
    // Sealing what comes later does not heal it.
    books.append(1, 6);
    sealAll(books.database, KEY);
    expect(verifyChain(books.database, KEY).fault).toEqual(fault);
  });

  it('a cut tail, also when the counter was set back, by a head that was kept', () => {
    using books = auditBooks();
    books.append(5);
    sealAll(books.database, KEY);
    const knownHead = headOf(books.database)!;
    expect(verifyChain(books.database, KEY, { knownHead }).fault).toBeUndefined();
    books.tamper("DELETE FROM audit WHERE seq > 3; UPDATE sqlite_sequence SET seq = 3 WHERE name = 'audit'");
    expect(verifyChain(books.database, KEY).fault).toBeUndefined();
    expect(verifyChain(books.database, KEY, { knownHead }).fault).toEqual({ seq: 5, kind: 'cut' });
    books.append(3, 14);
    sealAll(books.database, KEY);
    expect(verifyChain(books.database, KEY, { knownHead }).fault).toEqual({ seq: 5, kind: 'cut' });
  });

  it('another key', () => {
    using books = auditBooks();
    books.append(2);
    sealAll(books.database, KEY);
    expect(verifyChain(books.database, Buffer.alloc(32, 8)).fault).toEqual({ seq: 1, kind: 'changed' });
    expect(verifyChain(books.database, undefined).fault).toEqual({ seq: 1, kind: 'changed' });
  });

  it('any one flipped bit anywhere, in any number of rows', () => {
    const columns = ['actor', 'action', 'subject', 'detail', 'mac'];
    const pick = fc.record({
      rows: fc.integer({ min: 1, max: 6 }),
      row: fc.nat(),
      column: fc.constantFrom(...columns),
      byte: fc.nat(),
      bit: fc.integer({ min: 0, max: 7 }),
    });
    fc.assert(
      fc.property(pick, ({ rows, row, column, byte, bit }) => {
        using books = auditBooks();
        books.append(rows);
        sealAll(books.database, KEY);
        const seq = 1 + (row % rows);
        const { bytes } = books.database.get<{ bytes: Uint8Array }>(
          `SELECT CAST(${column} AS BLOB) AS bytes FROM audit WHERE seq = ${seq}`,
        )!;
        const changed = Buffer.from(bytes);
        changed[byte % changed.length]! ^= 1 << bit;
        const value = `X'${changed.toString('hex')}'`;
        books.tamper(
          `UPDATE audit SET ${column} = ${column === 'mac' ? value : `CAST(${value} AS TEXT)`} WHERE seq = ${seq}`,
        );
        expect(verifyChain(books.database, KEY).fault).toEqual({ seq, kind: 'changed' });
      }),
      { numRuns: 60 },
    );
  });
});
