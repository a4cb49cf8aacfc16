const LF = 10;
const CR = 13;
const EMPTY = Buffer.alloc(0);

/** Larger than any event seen from a provider (whole images travel in `response.completed`); beyond it, it is an attack. */
const MAX_EVENT_BYTES = 32 * 1024 * 1024;

/**
 * Cuts a server-sent event stream at its blank lines, bytes untouched. What is not yet a whole event is held, so that
 * nothing can ever be put inside one. Lines end in LF, CR LF or CR (WHATWG HTML, 9.2.5), mixed at will.
 *
 * A blank line that ends in CR counts at once: waiting for a LF that may never come would delay the event to the next.
 * If the LF does come, it leaves by itself, which a reader takes for the rest of the CR LF.
 */
export class EventSplitter {
  /** Where each whole event of the last `push` ends, as offsets into what it returned. */
  readonly ends: number[] = [];
  /** An event outgrew the limit: nothing that comes later can be told apart. */
  isOversized = false;

  readonly #maxEventBytes: number;
  #held: Buffer = EMPTY;
  #heldBytes = 0;
  #isLineEmpty = true;
  #isAfterCr = false;
  #isAfterBlankCr = false;

  constructor(maxEventBytes: number = MAX_EVENT_BYTES) {
    this.#maxEventBytes = maxEventBytes;
  }

  /** The whole events that are there now, as one buffer (a view into `chunk` when nothing was held), or undefined. */
  push(chunk: Buffer): Buffer | undefined {
    const heldBefore = this.#heldBytes;
    this.ends.length = 0;
    this.#findEnds(chunk, heldBefore);
    const end = this.ends.at(-1);
    if (end === undefined) {
      this.#hold(chunk);
      return undefined;
    }
    const cut = end - heldBefore;
    const whole = heldBefore === 0 ? chunk.subarray(0, cut) : this.#release(chunk.subarray(0, cut));
    this.#hold(chunk.subarray(cut));
    return whole;
  }

  /** What was held when the stream ended: an event without its blank line, or nothing (length 0). */
  takeTail(): Buffer {
    return this.#release(EMPTY);
  }

  #findEnds(chunk: Buffer, heldBefore: number): void {
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index];
      if (byte === LF && this.#isAfterCr) {
        if (this.#isAfterBlankCr) this.#moveEnd(heldBefore + index + 1);
        this.#isAfterCr = false;
      } else if (byte === LF || byte === CR) {
        if (this.#isLineEmpty) this.ends.push(heldBefore + index + 1);
        this.#isAfterCr = byte === CR;
        this.#isAfterBlankCr = this.#isAfterCr && this.#isLineEmpty;
        this.#isLineEmpty = true;
      } else {
        this.#isLineEmpty = false;
        this.#isAfterCr = false;
      }
    }
  }

  /** The LF of a CR LF belongs to the event that its CR ended, if that one is still here. */
  #moveEnd(end: number): void {
    if (this.ends.at(-1) === end - 1) this.ends.pop();
    this.ends.push(end);
  }

  /** Keeps a copy in a buffer that doubles: one-byte chunks cost no more memory or time than one large one. */
  #hold(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const needed = this.#heldBytes + bytes.length;
    if (needed > this.#maxEventBytes) this.isOversized = true;
    if (this.isOversized) return;
    if (needed > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.max(256, needed * 2));
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    bytes.copy(this.#held, this.#heldBytes);
    this.#heldBytes = needed;
  }

  /** Hands the held bytes over, with `rest` behind them. The buffer goes with them: a socket may still be reading it. */
  #release(rest: Buffer): Buffer {
    const held = this.#held.subarray(0, this.#heldBytes);
    this.#held = EMPTY;
    this.#heldBytes = 0;
    return rest.length === 0 ? held : Buffer.concat([held, rest]);
  }
}
