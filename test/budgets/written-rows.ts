import type { Database } from '../../src/database/database.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Admission, Booking, LedgerOutcome } from '../../src/ledger/ledger-row.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { admission, BOOKING } from '../ledger/samples.ts';

/** A row of the ledger as a test wants it: `admission()` with these changes, ended with `BOOKING` unless it is open. */
export interface WrittenRow extends Partial<Admission> {
  readonly booking?: Booking | null;
  readonly outcome?: LedgerOutcome;
  readonly isSimulated?: boolean;
  readonly isOpen?: boolean;
}

export async function writeRows(database: Database, atMs: number, rows: readonly WrittenRow[]): Promise<void> {
  const ledger = new Ledger(database, new LedgerStore(database));
  for (const [n, { booking = BOOKING, outcome = 'ok', isSimulated = false, isOpen, ...admitted }] of rows.entries()) {
    const entry = await ledger.admit({ ...admission(n), admittedAtMs: atMs, ...admitted });
    Object.assign(entry, { booking, isSimulated, status: outcome === 'ok' ? 200 : null });
    if (!isOpen) ledger.close(entry, { outcome, endedAtMs: entry.admission.admittedAtMs + 1 });
    ledger.flush();
  }
}

/** What cost so much. */
export function costing(nanoUsd: number): { readonly booking: Booking } {
  return { booking: { ...BOOKING, costNanoUsd: nanoUsd } };
}
