import type { AuditLog } from '../../audit/audit-log.ts';
import type { Config } from '../../config/schema.ts';
import { type Clock, DAY_MS, MINUTE_MS } from '../../core/time.ts';
import type { Database } from '../../database/database.ts';
import { cutLedger, dropCutRows } from '../../ledger/prune-ledger.ts';

export interface RetentionParts {
  readonly stores: { readonly database: Database; readonly audit: AuditLog };
  readonly config: () => Config;
  readonly now: Clock;
}

/** How long requests may wait for rows to go, each time. */
const MOST_MS = 5;

/** Lets rows of the ledger go that are older than `ledger.retentionDays`, a few at a time. */
export class Retention {
  readonly #parts: RetentionParts;
  /** A gateway that was killed may have left some. */
  #isDropping = true;
  #dueAtMs = 0;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** A few times a second. */
  look(): void {
    const { stores, config, now } = this.#parts;
    if (this.#isDropping) {
      this.#isDropping = dropCutRows(stores.database, MOST_MS);
      return;
    }
    const { retentionDays } = config().ledger;
    if (retentionDays === undefined || performance.now() < this.#dueAtMs) return;
    this.#isDropping = cutLedger(stores, now() - retentionDays * DAY_MS, now());
    if (!this.#isDropping) this.#dueAtMs = performance.now() + MINUTE_MS;
  }
}
