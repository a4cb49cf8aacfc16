import type { AuditLog } from '../audit/audit-log.ts';
import type { Database } from '../database/database.ts';
import type { LedgerStore } from './ledger-store.ts';

/** What the audit says about the ledger: up to this completion its rows add up to that digest. */
export interface Anchor {
  /** The audit row that says so. */
  readonly seq: number;
  readonly from: number;
  readonly to: number;
  /** 64 hex digits. */
  readonly digest: string;
}

export interface AnchorHomes {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly ledger: LedgerStore;
}

/** Writes an anchor over what was completed since the last one; false when nothing was. */
export function anchorLedger({ database, audit, ledger }: AnchorHomes, nowMs: number): boolean {
  return database.transaction(() => {
    const from = (lastAnchor(database)?.to ?? 0) + 1;
    const { completion: to, digest } = ledger.chainEnd();
    if (to < from) return false;
    const detail = { from, to, digest: Buffer.from(digest).toString('hex') };
    audit.append({ actor: 'gateway', action: 'ledger.anchored', subject: `${from}-${to}`, detail }, nowMs);
    return true;
  });
}

/** The anchors after an audit row, in order. */
export function anchorsAfter(database: Database, afterSeq: number, limit: number): Anchor[] {
  return select(database, 'seq > ? ORDER BY seq LIMIT ?', afterSeq, limit);
}

function lastAnchor(database: Database): Anchor | undefined {
  return select(database, '1 ORDER BY seq DESC LIMIT 1')[0];
}

function select(database: Database, where: string, ...values: number[]): Anchor[] {
  return database.all<Anchor>(
    `SELECT seq, detail ->> 'from' AS "from", detail ->> 'to' AS "to", detail ->> 'digest' AS digest FROM audit
     WHERE action = 'ledger.anchored' AND ${where}`,
    ...values,
  );
}
