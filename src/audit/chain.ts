import { createHmac } from 'node:crypto';
import type { Database } from '../database/database.ts';

/** A row as the database holds it: `detail` is the stored text, not what it parses to. */
export interface ChainRow {
  readonly seq: number;
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
  readonly mac: Uint8Array | null;
}

export const MAC_BYTES = 32;

/** What stands before the first row. */
export const CHAIN_START: Uint8Array = Buffer.alloc(MAC_BYTES);

/**
 * The seal of a row: HMAC-SHA256 over its content and the seal before it. The content goes in as a JSON array, in which
 * no two different rows look alike; the seal before it always has 32 bytes.
 */
export function macOf(key: Uint8Array, row: ChainRow, previous: Uint8Array): Buffer {
  const { seq, atMs, actor, action, subject, detail } = row;
  return createHmac('sha256', key)
    .update(JSON.stringify([seq, atMs, actor, action, subject, detail]))
    .update(previous)
    .digest();
}

/** Rows after `afterSeq`, in order. */
export function chainRows(database: Database, afterSeq: number, limit: number): ChainRow[] {
  return database.all<ChainRow>(
    'SELECT seq, at_ms AS atMs, actor, action, subject, detail, mac FROM audit WHERE seq > ? ORDER BY seq LIMIT ?',
    afterSeq,
    limit,
  );
}
