import { MoltbotError } from '../core/errors.ts';
import type { Database } from '../database/database.ts';

/** The last sealed row. Kept elsewhere, it shows later whether the end of the audit was cut off. */
export interface ChainHead {
  readonly seq: number;
  /** 64 hex digits. */
  readonly mac: string;
}

/** Undefined: nothing is sealed yet. */
export function headOf(database: Database): ChainHead | undefined {
  const row = lastSealed(database);
  return row && { seq: row.seq, mac: Buffer.from(row.mac).toString('hex') };
}

export interface SealedRow {
  readonly seq: number;
  readonly mac: Uint8Array;
}

export function lastSealed(database: Database): SealedRow | undefined {
  return database.get('SELECT seq, mac FROM audit WHERE mac IS NOT NULL ORDER BY seq DESC LIMIT 1');
}

/** Whether a row still has the seal it had. */
export function isStillSealed(database: Database, { seq, mac }: SealedRow): boolean {
  return database.get('SELECT 1 FROM audit WHERE seq = ? AND mac = ?', seq, mac) !== undefined;
}

export function formatHead({ seq, mac }: ChainHead): string {
  return `${seq}:${mac}`;
}

/** What `formatHead` gave. USAGE for anything else. */
export function parseHead(text: string): ChainHead {
  const match = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text.trim());
  if (match) return { seq: Number(match[1]), mac: match[2]! };
  throw new MoltbotError('USAGE', 'That is not a head of the audit.', {
    hint: 'A head is a row number, a colon and 64 hex digits, as "moltbot audit verify" prints it.',
  });
}
