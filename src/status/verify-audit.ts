import type { App } from '../app.ts';
import { keyGone } from '../audit/audit-key.ts';
import { type ChainHead, formatHead } from '../audit/head.ts';
import { type ChainFault, verifyChain } from '../audit/verify.ts';
import { MoltbotError } from '../core/errors.ts';
import { type LedgerFault, verifyLedger } from '../ledger/verify-ledger.ts';

/** What `audit verify` found where nothing is wrong. */
export interface WholeAudit {
  readonly rows: number;
  readonly sealed: number;
  readonly unsealed: number;
  /** `12:ab…`; null while nothing is sealed. */
  readonly head: string | null;
  /** Requests that are completed, how many of them went with their age, and up to which the audit vouches for them. */
  readonly requests: { readonly completed: number; readonly pruned: number; readonly anchored: number };
}

const NOTHING: WholeAudit = {
  rows: 0,
  sealed: 0,
  unsealed: 0,
  head: null,
  requests: { completed: 0, pruned: 0, anchored: 0 },
};

/**
 * Checks the audit from its first row, then the ledger by the anchors in it. AUDIT_BROKEN names the first row that is not
 * as it was written; fails as the vault fails when it has to be asked for the key.
 */
export async function verifyAudit(app: App, knownHead?: ChainHead): Promise<WholeAudit> {
  const database = app.storesForReading()?.database;
  if (!database) {
    if (knownHead) throw broken(rowText({ seq: knownHead.seq, kind: 'cut' }));
    return NOTHING;
  }
  const key = app.config().config.vault === undefined ? undefined : await app.auditKey().read();
  const { rows, sealed, unsealed, head, fault } = verifyChain(database, key, { knownHead });
  if (fault && sealed > 0 && !key) throw keyGone();
  if (fault) throw broken(rowText(fault));
  const { fault: ledgerFault, ...requests } = verifyLedger(database);
  if (ledgerFault) throw broken(requestText(ledgerFault));
  return { rows, sealed, unsealed, head: head ? formatHead(head) : null, requests };
}

function rowText({ seq, kind }: ChainFault): string {
  const texts = {
    changed: `Row ${seq} of the audit is not as it was sealed: it was changed, moved, or sealed with another key.`,
    missing: `Row ${seq} of the audit is missing.`,
    unsealed: `Row ${seq} of the audit has lost its seal: rows after it have theirs.`,
    reported: `Row ${seq} of the audit says that a seal before it was gone while the gateway ran: rows may have been changed.`,
    cut: `Row ${seq} of the audit is not the one that the given head names: rows were cut off or replaced.`,
  };
  return texts[kind];
}

function requestText({ completion, row, kind }: LedgerFault): string {
  const name = row
    ? `Ledger row ${row.id} (${row.requestId})`
    : `The ledger row that was completed as number ${completion}`;
  const texts = {
    changed: `${name} is not as it was written.`,
    missing: `${name} is missing.`,
    anchor: `${name}, or one before it, is not the one that the audit vouches for.`,
  };
  return texts[kind];
}

function broken(message: string): MoltbotError {
  return new MoltbotError('AUDIT_BROKEN', message, {
    hint: 'Keep a copy of the state directory as it is, then see what is said around it: moltbot audit list',
  });
}
