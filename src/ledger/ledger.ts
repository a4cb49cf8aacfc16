import type { MoltbotError } from '../core/errors.ts';
import type { Database } from '../database/database.ts';
import { digestOf } from './digest.ts';
import { GroupCommit } from './group-commit.ts';
import { heldOf, NOT_HELD, takenBack } from './held.ts';
import type { Admission, Booking, Completion, Held, LedgerRow } from './ledger-row.ts';
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
  /** The provider said nothing of what was used, or too little: `booking` is our guess. */
  isGuessed = false;
  /** Names what is charged for once, where that was answered: a second time nothing is booked. */
  bookedOnce: string | undefined;
  /** The same of an answer that goes on and is charged for when it is fetched. */
  bookedLater: string | undefined;
  isClosed = false;

  constructor(admission: Admission) {
    this.admission = admission;
  }
}

/** A row that has ended, as it was written. */
export type EndedRow = Admission & Completion & { readonly id: number };

type Admitted = Admission & { readonly id: number };

/** What is known of an end before it is written. */
type End = Omit<Completion, keyof Held> & Pick<LedgerEntry, 'isGuessed' | 'bookedOnce' | 'bookedLater'>;

/**
 * The ledger of a running gateway: an attempt is admitted, and that is committed, before upstream is called; it is closed,
 * and that is committed, before the client sees the end of the answer.
 */
export class Ledger {
  readonly #database: Database;
  readonly #store: LedgerStore;
  readonly #commits: GroupCommit;
  readonly #onCompleted: (row: EndedRow) => void;
  /** Completions that could not be written in time: nobody waits for them any more, but they happened. */
  #late: { readonly row: Admitted; readonly end: End }[] = [];
  /** Undefined: to be read again. */
  #end: ChainEnd | undefined;

  /** `onCompleted` is called for every row that ended, after the commit that wrote it and before its `done`. */
  constructor(database: Database, store: LedgerStore, onCompleted: (row: EndedRow) => void = () => undefined) {
    this.#database = database;
    this.#store = store;
    this.#onCompleted = onCompleted;
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
    const { firstByteAtMs, status, sentBytes, isSimulated, booking } = entry;
    const { isGuessed, bookedOnce, bookedLater } = entry;
    const known = { firstByteAtMs, status, sentBytes, endedAtMs, outcome, isSimulated, booking };
    const end = { ...known, isGuessed, bookedOnce, bookedLater };
    const row = { ...entry.admission, id: entry.id };
    this.#add(row, end, (error) => {
      if (error) this.#late.push({ row, end: { ...end, outcome: 'cut' } });
      done?.(error);
    });
  }

  /** Closes rows that a killed gateway left open, with what is known of them. */
  closeInterrupted(rows: readonly LedgerRow[], nowMs: number): void {
    const nothing = { isGuessed: false, bookedOnce: undefined, bookedLater: undefined };
    const end = { endedAtMs: nowMs, outcome: 'interrupted', ...nothing } as const;
    const ended = this.#together(() => rows.map((row) => this.#write(row, { ...row, ...end })));
    for (const row of ended) this.#onCompleted(row);
  }

  /** Tries again what could not be written in time. */
  writeLate(): void {
    const late = this.#late;
    this.#late = [];
    for (const { row, end } of late) {
      this.#add(row, end, (error) => {
        if (error) this.#late.push({ row, end });
      });
    }
  }

  /** Commits what waits, now. */
  flush(): void {
    this.#commits.flush();
  }

  /** Writes all that waits or is late, now; false while some of it still cannot be written. */
  catchUp(): boolean {
    this.writeLate();
    this.flush();
    return this.#commits.isIdle && this.#late.length === 0;
  }

  #add(row: Admitted, end: End, done: (error: MoltbotError | undefined) => void): void {
    let written: EndedRow | undefined;
    this.#commits.add(
      () => {
        written = this.#write(row, end);
      },
      (error) => {
        if (!error) this.#onCompleted(written!);
        done(error);
      },
    );
  }

  #together<T>(write: () => T): T {
    try {
      return this.#database.transaction(write);
    } catch (error) {
      this.#end = undefined;
      throw error;
    }
  }

  #write(admitted: Admitted, { isGuessed, bookedOnce, bookedLater, ...known }: End): EndedRow {
    this.#end ??= this.#store.chainEnd();
    if (bookedLater !== undefined) this.#store.bookOnce(`later/${bookedLater}`, admitted.id);
    const held = heldOf(admitted, { ...known, isGuessed });
    const charged = bookedOnce === undefined ? held : this.#chargedOnce(admitted.id, bookedOnce, known.booking, held);
    const ended: EndedRow = { ...admitted, ...known, ...charged };
    const row = { ...ended, completion: this.#end.completion + 1 };
    const digest = digestOf(row, this.#end.digest);
    this.#store.complete({ ...row, digest });
    this.#end = { completion: row.completion, digest };
    return ended;
  }

  /** Nothing for what was booked before; else without what stayed charged when it was asked for. */
  #chargedOnce(
    id: number,
    key: string,
    booking: Booking | null,
    held: Held,
  ): Held & { readonly booking: Booking | null } {
    if (!booking) return { booking, ...held };
    if (!this.#store.bookOnce(key, id)) return { booking: null, ...NOT_HELD };
    const before = this.#store.heldOf(`later/${key}`);
    return before ? { booking, ...takenBack(before, booking) } : { booking, ...held };
  }
}
