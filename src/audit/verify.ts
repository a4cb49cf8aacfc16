import { timingSafeEqual } from 'node:crypto';
import type { Database } from '../database/database.ts';
import { CHAIN_START, type ChainRow, chainRows, MAC_BYTES, macOf } from './chain.ts';
import { type ChainHead, headOf } from './head.ts';

/** What is wrong, and with which row first. */
export interface ChainFault {
  readonly seq: number;
  /**
   * `changed`: its content, place or seal is not what was sealed. `missing`: it is gone. `unsealed`: its seal was taken
   * away. `cut`: it is not there, or is another one than a head that was kept elsewhere says.
   * `reported`: a running gateway wrote it when a seal it had seen was gone: rows before it may have been sealed anew.
   */
  readonly kind: 'changed' | 'missing' | 'unsealed' | 'cut' | 'reported';
}

export interface ChainVerdict {
  readonly rows: number;
  readonly sealed: number;
  readonly unsealed: number;
  readonly head: ChainHead | undefined;
  readonly fault: ChainFault | undefined;
}

const PAGE_ROWS = 1_000;

/**
 * Reads the audit from its beginning (or, to look at the end only, from `fromSeq`, whose predecessor is taken as it is)
 * and names the first row that is not as it was sealed. `key` is undefined where nothing was ever sealed.
 */
export function verifyChain(
  database: Database,
  key: Uint8Array | undefined,
  options: { readonly knownHead?: ChainHead | undefined; readonly fromSeq?: number | undefined } = {},
): ChainVerdict {
  return database.snapshot(() => {
    const { rows, sealed, everWritten } = countsOf(database);
    const fault =
      walk(database, key, Math.max(1, options.fromSeq ?? 1)) ??
      (everWritten > rows ? { seq: rows + 1, kind: 'missing' as const } : undefined) ??
      (options.knownHead && faultOfHead(database, options.knownHead));
    return { rows, sealed, unsealed: rows - sealed, head: headOf(database), fault };
  });
}

/** Row numbers are given without a gap, also over a rollback: what was written is known by the highest one ever given. */
function countsOf(database: Database): { rows: number; sealed: number; everWritten: number } {
  return database.get(
    `SELECT count(*) AS rows, count(mac) AS sealed,
       coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0) AS everWritten FROM audit`,
  )!;
}

function walk(database: Database, key: Uint8Array | undefined, fromSeq: number): ChainFault | undefined {
  let previous = fromSeq === 1 ? CHAIN_START : (chainRows(database, fromSeq - 2, 1)[0]?.mac ?? CHAIN_START);
  let seq = fromSeq - 1;
  let firstUnsealed: number | undefined;
  for (;;) {
    const page = chainRows(database, seq, PAGE_ROWS);
    if (page.length === 0) return undefined;
    for (const row of page) {
      if (row.seq !== seq + 1) return { seq: seq + 1, kind: 'missing' };
      seq = row.seq;
      if (row.action === 'audit.broken') return { seq, kind: 'reported' };
      if (row.mac === null) {
        firstUnsealed ??= seq;
        continue;
      }
      if (firstUnsealed !== undefined) return { seq: firstUnsealed, kind: 'unsealed' };
      if (!key || !isSealOf(key, row, previous)) return { seq, kind: 'changed' };
      previous = row.mac;
    }
  }
}

function isSealOf(key: Uint8Array, row: ChainRow, previous: Uint8Array): boolean {
  const { mac } = row;
  return mac !== null && mac.length === MAC_BYTES && timingSafeEqual(mac, macOf(key, row, previous));
}

function faultOfHead(database: Database, { seq, mac }: ChainHead): ChainFault | undefined {
  const row = chainRows(database, seq - 1, 1)[0];
  if (row?.seq === seq && row.mac !== null && Buffer.from(row.mac).toString('hex') === mac) return undefined;
  return { seq, kind: 'cut' };
}
