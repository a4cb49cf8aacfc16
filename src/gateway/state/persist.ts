import { isMoltbotError, type MoltbotError } from '../../core/errors.ts';

const RETRY_MS = 50;

/**
 * Writes of the gateway. Each is made at once; while the database is busy (another process holds its lock) it is kept, in
 * order, and made again soon, because SQLite would wait with the event loop stopped. Any other failure stops the
 * gateway from admitting requests (`failure`) until a write succeeds again: nothing is forwarded that could not be
 * written down.
 */
export class Persistence {
  readonly #waiting: (() => void)[] = [];
  readonly #onFailure: (error: MoltbotError) => void;
  #timer: NodeJS.Timeout | undefined;
  failure: MoltbotError | undefined;

  constructor(onFailure: (error: MoltbotError) => void) {
    this.#onFailure = onFailure;
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  readonly write = (work: () => void): void => {
    this.#waiting.push(work);
    if (this.#timer === undefined) this.flush();
  };

  /** Makes what is waiting, in order, and stops at the first that fails. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#waiting.length > 0) {
      try {
        this.#waiting[0]!();
      } catch (error) {
        if (!isMoltbotError(error)) throw error;
        this.#note(error);
        this.#timer = setTimeout(() => this.flush(), error.code === 'DATABASE_BUSY' ? RETRY_MS : RETRY_MS * 20).unref();
        return;
      }
      this.#waiting.shift();
      this.failure = undefined;
    }
  }

  #note(error: MoltbotError): void {
    if (error.code === 'DATABASE_BUSY' || this.failure?.code === error.code) return;
    this.failure = error;
    this.#onFailure(error);
  }
}
