import type { AuditLog } from '../audit/audit-log.ts';
import type { Database } from '../database/database.ts';

/** Up to where rows of the ledger went; the audit vouches for it. */
export interface LedgerCut {
  /** The last completion that went. */
  readonly to: number;
  /** Its digest, 64 hex digits: what the first row that is left follows. */
  readonly digest: string;
  /** All that went had ended before. */
  readonly beforeAtMs: number;
}

/** So many rows at most are named by one row of the audit, and looked at in one turn of the event loop. */
const MOST_ROWS_A_CUT = 5_000;
const ROWS_AT_ONCE = 50;

export function lastCut(database: Database): LedgerCut | undefined {
  return database.get<LedgerCut & Record<string, string | number>>(
    `SELECT detail ->> 'to' AS "to", detail ->> 'digest' AS digest, detail ->> 'beforeAtMs' AS beforeAtMs
     FROM audit WHERE action = 'ledger.pruned' ORDER BY seq DESC LIMIT 1`,
  );
}

/**
 * Says in the audit that the rows completed first, all of which ended before that time, are to go; `dropCutRows` takes
 * them. The last completion stays whatever its age: the next one follows it. False where nothing is old enough.
 */
export function cutLedger(
  { database, audit }: { readonly database: Database; readonly audit: AuditLog },
  beforeAtMs: number,
  nowMs: number,
): boolean {
  return database.transaction(() => {
    const from = (lastCut(database)?.to ?? 0) + 1;
    const last = lastOld(database, from, beforeAtMs);
    if (!last) return false;
    const detail = { from, to: last.completion, digest: Buffer.from(last.digest).toString('hex'), beforeAtMs };
    audit.append({ actor: 'gateway', action: 'ledger.pruned', subject: `${from}-${last.completion}`, detail }, nowMs);
    return true;
  });
}

/** Takes rows that were cut, oldest first, for about so long; whether some are left. */
export function dropCutRows(database: Database, mostMs: number): boolean {
  const cut = lastCut(database);
  if (!cut) return false;
  const startedMs = performance.now();
  return database.transaction(() => {
    for (;;) {
      const dropped = database.run(
        `DELETE FROM ledger WHERE completion IN
           (SELECT completion FROM ledger WHERE completion <= ? ORDER BY completion LIMIT ${ROWS_AT_ONCE})`,
        cut.to,
      );
      if (dropped < ROWS_AT_ONCE) return false;
      if (performance.now() - startedMs >= mostMs) return true;
    }
  });
}

/** The last row of those from `from` on that all ended before that time. */
function lastOld(database: Database, from: number, beforeAtMs: number) {
  return database.get<{ completion: number; digest: Uint8Array }>(
    `SELECT completion, digest FROM ledger
     WHERE completion >= ?1 AND completion < min(
       coalesce((SELECT completion FROM ledger WHERE completion >= ?1 AND completion < ?1 + ?3 AND ended_at_ms >= ?2
         ORDER BY completion LIMIT 1), ?1 + ?3),
       coalesce((SELECT max(completion) FROM ledger WHERE completion IS NOT NULL), 0))
     ORDER BY completion DESC LIMIT 1`,
    from,
    beforeAtMs,
    MOST_ROWS_A_CUT,
  );
}
