import type { Database } from '../database/database.ts';
import { type Anchor, anchorsAfter } from './anchor.ts';
import { DIGEST_START, digestOf } from './digest.ts';
import type { CompletedRow } from './ledger-row.ts';
import { LedgerStore } from './ledger-store.ts';
import { lastCut } from './prune-ledger.ts';

/** What is wrong with the ledger, and with which row first. */
export interface LedgerFault {
  /** Its number in the order in which rows were completed. */
  readonly completion: number;
  /** Undefined of a missing row. */
  readonly row: { readonly id: number; readonly requestId: string } | undefined;
  /** `changed`: not what was written. `missing`: gone. `anchor`: rows up to it are not those that the audit sealed. */
  readonly kind: 'changed' | 'missing' | 'anchor';
}

export interface LedgerVerdict {
  readonly completed: number;
  /** Those of them that went because they were old enough; the audit says so. */
  readonly pruned: number;
  /** Up to which completion the audit vouches for the rows. */
  readonly anchored: number;
  readonly fault: LedgerFault | undefined;
}

const PAGE_ROWS = 1_000;
const PAGE_ANCHORS = 1_000;

/**
 * Reads every completed row that is to be there and names the first that is not as it was written. The audit itself must
 * be whole.
 */
export function verifyLedger(database: Database): LedgerVerdict {
  return database.snapshot(() => {
    const ledger = new LedgerStore(database);
    const cut = lastCut(database);
    const pruned = cut?.to ?? 0;
    const anchors = anchorsOf(database, pruned);
    let anchor = anchors.next().value;
    let [completion, anchored] = [pruned, pruned];
    let previous: Uint8Array = cut ? Buffer.from(cut.digest, 'hex') : DIGEST_START;
    const verdict = (fault?: LedgerFault) => ({ completed: completion, pruned, anchored, fault });
    for (;;) {
      const page = ledger.completedAfter(completion, PAGE_ROWS);
      if (page.length === 0) break;
      for (const row of page) {
        const kind = faultOf(row, completion, previous, anchor);
        if (kind === 'missing') return verdict({ completion: completion + 1, row: undefined, kind });
        if (kind) return verdict({ completion: row.completion, row: { id: row.id, requestId: row.requestId }, kind });
        ({ completion, digest: previous } = row);
        if (completion !== anchor?.to) continue;
        anchored = completion;
        anchor = anchors.next().value;
      }
    }
    return verdict(anchor && { completion: completion + 1, row: undefined, kind: 'missing' });
  });
}

function faultOf(
  row: CompletedRow,
  before: number,
  previous: Uint8Array,
  anchor: Anchor | undefined,
): LedgerFault['kind'] | undefined {
  if (row.completion !== before + 1) return 'missing';
  if (!digestOf(row, previous).equals(row.digest)) return 'changed';
  if (row.completion !== anchor?.to) return undefined;
  return Buffer.from(row.digest).toString('hex') === anchor.digest ? undefined : 'anchor';
}

/** Those beyond what went. */
function* anchorsOf(database: Database, pruned: number): Generator<Anchor, undefined> {
  for (let seq = 0; ; ) {
    const page = anchorsAfter(database, seq, PAGE_ANCHORS);
    if (page.length === 0) return;
    yield* page.filter(({ to }) => to > pruned);
    seq = page.at(-1)!.seq;
  }
}
