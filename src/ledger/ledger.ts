import type { MoltbotError } from '../core/errors.ts';
import type { Database } from '../database/database.ts';
import { digestOf } from './digest.ts';
import { GroupCommit } from './group-commit.ts';
import type { Admission, Booking, Completion, LedgerRow } from './ledger-row.ts';
import type { ChainEnd, LedgerStore } from './ledger-store.ts';

/** An attempt that was let out. What becomes known of it is kept here until it is closed. */
export class LedgerEntry {
  readonly admission: Admission;
  id = 0;
  /** When upstream's head was there. */
  firstByteAtMs: number | null = null;
  /** Upstream's; null while none came. */
  status: number | null = null;
  /** Of the body, handed to the client so far. */
  sentBytes = 0;
  /** A simulator answered. */
  isSimulated = false;
  /** What its answer used and cost; null while nothing is known of that. */
  booking: Booking | null = null;
  /** Names what is charged for once, where that was answered: a second time nothing is booked. */
  bookedOnce: string | undefined;
  isClosed = false;

  constructor(admission: Admission) {
    this.admission = admission;
  }
}

/**
 * The ledger of a running gateway: an attempt is admitted, and that is committed, before upstream is called; it is closed,
 * and that is committed, before the client sees the end of the answer.
 */
export class Ledger {
  readonly #store: LedgerStore;
  readonly #commits: GroupCommit;
  /** Completions that could not be written in time: nobody waits for them any more, but they happened. */
  #late: (() => void)[] = [];
  /** Undefined: to be read again. */
  #end: ChainEnd | undefined;

  constructor(database: Database, store: LedgerStore) {
    this.#store = store;
    this.#commits = new GroupCommit(database, () => {
      this.#end = undefined;
    });
  }

  /** Resolves once it is committed. Rejects with AUDIT_UNAVAILABLE, DISK_FULL or DATABASE_BUSY: then nothing may be sent. */
  admit(admission: Admission): Promise<LedgerEntry> {
    const entry = new LedgerEntry(admission);
    return new Promise((resolve, reject) => {
      this.#commits.add(
        () => {
          entry.id = this.#store.insert(admission);
        },
        (error) => (error ? reject(error) : resolve(entry)),
      );
    });
  }

  /**
   * Writes down how an attempt ended, once: later calls change nothing. `done` is told after the commit whether it is
   * written; where it is not, the client must not see a whole answer, and it is written as `cut` when that can be done.
   */
  close(
    entry: LedgerEntry,
    { outcome, endedAtMs }: Pick<Completion, 'outcome' | 'endedAtMs'>,
    done?: (error: MoltbotError | undefined) => void,
  ): void {
    if (entry.isClosed) {
      done?.(undefined);
      return;
    }
    entry.isClosed = true;
    const { id, firstByteAtMs, status, sentBytes, isSimulated, booking } = entry;
    const completion = { firstByteAtMs, status, sentBytes, endedAtMs, outcome, isSimulated, booking };
    const row = { ...entry.admission, id };
    const { bookedOnce } = entry;
    this.#commits.add(
      () => this.#write(row, completion, bookedOnce),
      (error) => {
        if (error) this.#late.push(() => this.#write(row, { ...completion, outcome: 'cut' }, bookedOnce));
        done?.(error);
      },
    );
  }

  /** Closes rows that a killed gateway left open, with what is known of them. */
  closeInterrupted(rows: readonly LedgerRow[], nowMs: number): void {
    for (const row of rows) this.#write(row, { ...row, endedAtMs: nowMs, outcome: 'interrupted' });
  }

  /** Tries again what could not be written in time. */
  writeLate(): void {
    const late = this.#late;
    this.#late = [];
    for (const write of late) {
      this.#commits.add(write, (error) => {
        if (error) this.#late.push(write);
      });
    }
  }

  /** Commits what waits, now. */
  flush(): void {
    this.#commits.flush();
  }

  #write(admitted: Admission & { readonly id: number }, completion: Completion, bookedOnce?: string): void {
    this.#end ??= this.#store.chainEnd();
    const isBookedAlready =
      bookedOnce !== undefined && completion.booking !== null && !this.#store.bookOnce(bookedOnce, admitted.id);
    const booking = isBookedAlready ? null : completion.booking;
    const row = { ...admitted, ...completion, booking, completion: this.#end.completion + 1 };
    const digest = digestOf(row, this.#end.digest);
    this.#store.complete({ ...row, digest });
    this.#end = { completion: row.completion, digest };
  }
}
