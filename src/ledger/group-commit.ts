import { type ErrorCode, isMoltbotError, MoltbotError } from '../core/errors.ts';
import type { Database } from '../database/database.ts';

interface Waiting {
  readonly write: () => void;
  readonly done: (error: MoltbotError | undefined) => void;
}

/** While another process holds the database's lock it is asked again this often, and for this long. */
const RETRY_MS = 50;
const PATIENCE_MS = 5_000;
/** How often it is looked whether the file that is open is still the one at its path. */
const LOOK_EVERY_MS = 100;

/**
 * Writes that somebody waits for. Those of one turn of the event loop share a transaction: an idle gateway pays for one
 * commit a write, a busy one shares it. A busy database is waited for without stopping the event loop; any other failure
 * is told to everybody in the batch, with nothing of it written.
 */
export class GroupCommit {
  readonly #database: Database;
  readonly #rolledBack: () => void;
  #waiting: Waiting[] = [];
  #isDue = false;
  #busySinceMs: number | undefined;
  #lookedAtMs = 0;

  /** `rolledBack`: nothing of a batch was kept; what was remembered of it is to be forgotten. */
  constructor(database: Database, rolledBack: () => void) {
    this.#database = database;
    this.#rolledBack = rolledBack;
  }

  /** `done` is called after the commit: without an error when it was written. */
  add(write: Waiting['write'], done: Waiting['done']): void {
    this.#waiting.push({ write, done });
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(this.flush);
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  /** Commits what waits, now. */
  readonly flush = (): void => {
    this.#isDue = false;
    if (this.#waiting.length === 0) return;
    const error = this.#commit();
    if (error?.code === 'DATABASE_BUSY' && this.#mayWait()) {
      this.#isDue = true;
      setTimeout(this.flush, RETRY_MS).unref();
      return;
    }
    this.#busySinceMs = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    for (const { done } of batch) done(error);
  };

  #commit(): MoltbotError | undefined {
    try {
      this.#look();
      this.#database.transaction(() => {
        for (const { write } of this.#waiting) write();
      });
      return undefined;
    } catch (error) {
      this.#rolledBack();
      return asRefusal(error);
    }
  }

  #mayWait(): boolean {
    this.#busySinceMs ??= performance.now();
    return performance.now() - this.#busySinceMs < PATIENCE_MS;
  }

  /** A file that was deleted or covered takes writes that nobody will ever read. */
  #look(): void {
    const nowMs = performance.now();
    if (nowMs - this.#lookedAtMs < LOOK_EVERY_MS) return;
    this.#database.assertInPlace();
    this.#lookedAtMs = nowMs;
  }
}

const REASONS = {
  DISK_FULL: 'The disk of the gateway is full',
  DATABASE_BUSY: 'The state of the gateway is in use by another process',
  AUDIT_UNAVAILABLE: 'The audit of the gateway cannot be written',
} as const;

function isNamed(code: ErrorCode): code is keyof typeof REASONS {
  return Object.hasOwn(REASONS, code);
}

/** What clients are told: a full disk and a busy database by name, all else as an audit that cannot be written. */
function asRefusal(cause: unknown): MoltbotError {
  const code = isMoltbotError(cause) && isNamed(cause.code) ? cause.code : 'AUDIT_UNAVAILABLE';
  return new MoltbotError(code, `${REASONS[code]}, so nothing can be written down and nothing is forwarded.`, {
    hint: 'The person who runs this gateway can see why: moltbot doctor',
    gate: 'audit',
    cause,
  });
}
