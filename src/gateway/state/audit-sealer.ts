import type { Logger } from 'pino';
import type { AuditLog } from '../../audit/audit-log.ts';
import { isStillSealed, lastSealed, type SealedRow } from '../../audit/head.ts';
import { hasUnsealed, sealBatch } from '../../audit/seal.ts';
import { isMoltbotError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import type { Database } from '../../database/database.ts';

export interface AuditSealerParts {
  readonly database: Database;
  readonly audit: AuditLog;
  /** The key from the vault, made where there is none. */
  readonly readKey: () => Promise<Uint8Array>;
  readonly log: Logger;
  readonly now: Clock;
}

/** A vault that was locked at the start is asked again this often. */
const ASK_EVERY_MS = 5_000;

/**
 * Seals audit rows while the gateway runs. Without the key rows wait; nothing else waits for them. Where the row it saw
 * sealed last has lost or changed its seal, it says so in the log and in the audit and seals nothing any more: rows that
 * were changed would get good seals.
 */
export class AuditSealer {
  readonly #parts: AuditSealerParts;
  #key: Uint8Array | undefined;
  #last: SealedRow | undefined;
  #isBroken = false;
  #askAgainAtMs = 0;
  #asking: Promise<void> | undefined;
  #hasComplained = false;

  constructor(parts: AuditSealerParts) {
    this.#parts = parts;
    this.#last = lastSealed(parts.database);
  }

  /** Seals a batch of what waits, or asks for the key. Call it a few times a second. */
  beat(): void {
    if (this.#isBroken || !hasUnsealed(this.#parts.database)) return;
    if (this.#key) this.#seal(this.#key);
    else void this.ask();
  }

  /** Seals all that waits, where the key is there. */
  finish(): void {
    while (this.#key && !this.#isBroken && hasUnsealed(this.#parts.database) && this.#seal(this.#key) > 0);
  }

  /** Asks the vault for the key; while it answers, everybody waits for the same answer. */
  ask(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Resolves when the vault is not being asked any more. */
  async settled(): Promise<void> {
    await this.#asking;
  }

  async #ask(): Promise<void> {
    if (performance.now() < this.#askAgainAtMs) return;
    try {
      this.#key = await this.#parts.readKey();
    } catch (error) {
      if (!isMoltbotError(error)) throw error;
      this.#askAgainAtMs = performance.now() + ASK_EVERY_MS;
      if (!this.#hasComplained)
        this.#parts.log.warn({ code: error.code }, `audit rows wait for their seal: ${error.message}`);
      this.#hasComplained = true;
    }
  }

  /** Looks and seals in one transaction, so that nobody comes between. Gives the number of rows. */
  #seal(key: Uint8Array): number {
    const { database } = this.#parts;
    const done = database.transaction(() => {
      if (this.#last && !isStillSealed(database, this.#last)) return undefined;
      const rows = sealBatch(database, key);
      return { rows, last: lastSealed(database) };
    });
    if (!done) return this.#stop(this.#last!);
    this.#last = done.last;
    return done.rows;
  }

  #stop({ seq }: SealedRow): 0 {
    const { audit, log, now } = this.#parts;
    audit.append({ actor: 'gateway', action: 'audit.broken', subject: String(seq) }, now());
    log.error({ code: 'AUDIT_BROKEN', seq }, `audit row ${seq} is not as it was sealed: nothing is sealed any more`);
    this.#isBroken = true;
    return 0;
  }
}
