import type { Database } from '../database/database.ts';
import { CHAIN_START, chainRows, macOf } from './chain.ts';
import { lastSealed } from './head.ts';

/** Few enough that nobody waits for the database: a batch takes some milliseconds. */
const BATCH_ROWS = 200;

/** Whether there are rows to seal; answered by an index of exactly those. */
export function hasUnsealed(database: Database): boolean {
  return database.get('SELECT 1 FROM audit WHERE mac IS NULL LIMIT 1') !== undefined;
}

/**
 * Seals the oldest rows that have no seal yet, in order, in one transaction, and gives their number: 0 when none is left.
 * Several processes may do so at the same time; each goes on where the last one stopped. A row before a sealed one is
 * left alone: somebody took its seal away.
 */
export function sealBatch(database: Database, key: Uint8Array): number {
  return database.transaction(() => {
    const last = lastSealed(database);
    let previous = last?.mac ?? CHAIN_START;
    const rows = chainRows(database, last?.seq ?? 0, BATCH_ROWS);
    for (const row of rows) {
      previous = macOf(key, row, previous);
      database.run('UPDATE audit SET mac = ? WHERE seq = ?', previous, row.seq);
    }
    return rows.length;
  });
}

/** Seals everything there is. */
export function sealAll(database: Database, key: Uint8Array): void {
  while (hasUnsealed(database) && sealBatch(database, key) > 0);
}
