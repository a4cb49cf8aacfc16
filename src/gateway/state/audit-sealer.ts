import type { Logger } from 'pino';
import { hasUnsealed, sealAll, sealBatch } from '../../audit/seal.ts';
import { isMoltbotError } from '../../core/errors.ts';
import type { Database } from '../../database/database.ts';

export interface AuditSealerParts {
  readonly database: Database;
  /** The key from the vault, made where there is none. */
  readonly readKey: () => Promise<Uint8Array>;
  readonly log: Logger;
}

/** A vault that was locked at the start is asked again this often. */
const ASK_EVERY_MS = 5_000;

/** Seals audit rows while the gateway runs. Without the key rows wait; nothing else waits for them. */
export class AuditSealer {
  readonly #parts: AuditSealerParts;
  #key: Uint8Array | undefined;
  #askAgainAtMs = 0;
  #isAsking = false;
  #hasComplained = false;

  constructor(parts: AuditSealerParts) {
    this.#parts = parts;
  }

  /** Seals a batch of what waits, or asks for the key. Call it a few times a second. */
  beat(): void {
    const { database } = this.#parts;
    if (!hasUnsealed(database)) return;
    if (this.#key) sealBatch(database, this.#key);
    else void this.ask();
  }

  /** Seals all that waits, where the key is there. */
  finish(): void {
    if (this.#key) sealAll(this.#parts.database, this.#key);
  }

  async ask(): Promise<void> {
    if (this.#isAsking || performance.now() < this.#askAgainAtMs) return;
    this.#isAsking = true;
    try {
      this.#key = await this.#parts.readKey();
    } catch (error) {
      if (!isMoltbotError(error)) throw error;
      this.#askAgainAtMs = performance.now() + ASK_EVERY_MS;
      if (!this.#hasComplained)
        this.#parts.log.warn({ code: error.code }, `audit rows wait for their seal: ${error.message}`);
      this.#hasComplained = true;
    } finally {
      this.#isAsking = false;
    }
  }
}
