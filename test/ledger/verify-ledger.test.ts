import { describe, expect, it } from 'vitest';
import { anchorLedger } from '../../src/ledger/anchor.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { verifyLedger } from '../../src/ledger/verify-ledger.ts';
import { auditBooks } from '../audit/samples.ts';
import { admission, BOOKING } from './samples.ts';

/** Six rows, of which the last is under way, the first is completed last, and four are anchored. */
async function ledgerBooks() {
  const books = auditBooks();
  const store = new LedgerStore(books.database);
  const ledger = new Ledger(books.database, store);
  const anchor = () => anchorLedger({ ...books, ledger: store }, 7_000);
  const entries = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => ledger.admit(admission(n))));
  for (const n of [2, 3, 4, 5, 1]) {
    if (n === 4 || n === 1) anchor();
    Object.assign(entries[n - 1]!, { status: 200, booking: BOOKING });
    ledger.close(entries[n - 1]!, { outcome: 'ok', endedAtMs: 2_000 + n });
    ledger.flush();
  }
  return { ...books, store, anchor };
}

describe('the ledger', () => {
  it('is whole, whatever the order in which rows were completed', async () => {
    using books = await ledgerBooks();
    expect(verifyLedger(books.database)).toEqual({ completed: 5, pruned: 0, anchored: 4, fault: undefined });
    expect(books.anchor()).toBe(true);
    expect(verifyLedger(books.database)).toEqual({ completed: 5, pruned: 0, anchored: 5, fault: undefined });
    expect(books.anchor()).toBe(false);
  });

  it.each([
    'request_id',
    'attempt',
    'admitted_at_ms',
    'first_byte_at_ms',
    'ended_at_ms',
    'agent_id',
    'accessor',
    'session',
    'profile_agent_id',
    'profile_id',
    'provider',
    'route',
    'model_asked',
    'model_served',
    'is_stream',
    'status',
    'outcome',
    'sent_bytes',
    'labels',
    'is_subscription',
    'is_simulated',
    'usage_state',
    'input_tokens',
    'cache_read_tokens',
    'cache_write_5m_tokens',
    'cache_write_1h_tokens',
    'output_tokens',
    'reasoning_tokens',
    'web_searches',
    'service_tier',
    'inference_geo',
    'speed',
    'cost_ticks',
    'cost_nano_usd',
    'price_version',
    'token_label',
    'reserved_nano_usd',
    'reserved_tokens',
    'bound_nano_usd',
    'bound_tokens',
    'held_nano_usd',
    'held_tokens',
    'digest',
  ])('names the row in which %s was changed', async (column) => {
    using books = await ledgerBooks();
    const isNumber = /_ms$|attempt|is_|status|bytes|tokens|searches|cost|nano/.test(column);
    const value =
      column === 'digest' ? 'zeroblob(32)' : isNumber ? `coalesce(${column}, 0) + 1` : `coalesce(${column}, '') || 'x'`;
    books.tamper(`UPDATE ledger SET ${column} = ${value} WHERE id = 4`);
    const { requestId } = books.store.after({ afterId: 3, limit: 1 })[0]!;
    const fault = { completion: 3, row: { id: 4, requestId }, kind: 'changed' };
    expect(verifyLedger(books.database).fault).toEqual(fault);
  });

  it.each([
    ['a deleted row', 'DELETE FROM ledger WHERE id = 3', { completion: 2, row: undefined, kind: 'missing' }],
    [
      'a deleted row before an anchor that was the last',
      'DELETE FROM ledger WHERE completion >= 4',
      { completion: 4, row: undefined, kind: 'missing' },
    ],
  ])('names %s', async (_what, sql, fault) => {
    using books = await ledgerBooks();
    books.tamper(sql);
    expect(verifyLedger(books.database).fault).toEqual(fault);
  });

  it('sees rows that were rewritten with new digests, by what the audit says of them', async () => {
    using books = await ledgerBooks();
    const rows = books.store.completedAfter(0, 10);
    books.tamper('DELETE FROM ledger WHERE completion IS NOT NULL');
    const forged = new Ledger(books.database, books.store);
    for (const row of rows) {
      const entry = await forged.admit({
        ...row,
        modelAsked: row.completion === 2 ? 'claude-opus-4-5' : row.modelAsked,
      });
      Object.assign(entry, { status: row.status, firstByteAtMs: row.firstByteAtMs });
      forged.close(entry, { outcome: 'ok', endedAtMs: row.endedAtMs! });
      forged.flush();
    }
    expect(verifyLedger(books.database).fault).toMatchObject({ completion: 2, kind: 'anchor' });
  });
});
