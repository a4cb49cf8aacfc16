const LF = 10;
/** A longer line is not read. */
const LONGEST_LINE = 4 * 1024 * 1024;
/** Of a line that is not read: enough to see what it is. */
const HEAD_BYTES = 512;

/** Lines of text that comes in pieces cut anywhere. */
export class JsonLines {
  readonly #onLine: (line: string) => void;
  readonly #onLongLine: (head: string) => void;
  #line: Buffer[] = [];
  #lineBytes = 0;
  #head = Buffer.alloc(0);

  constructor(onLine: (line: string) => void, onLongLine: (head: string) => void) {
    this.#onLine = onLine;
    this.#onLongLine = onLongLine;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      this.#hold(chunk.subarray(from, end));
      this.end();
      from = end + 1;
    }
    this.#hold(chunk.subarray(from));
  }

  /** Ends the line that has begun. */
  end(): void {
    if (this.#lineBytes > LONGEST_LINE) this.#onLongLine(this.#head.toString('latin1'));
    else if (this.#lineBytes > 0) this.#onLine(Buffer.concat(this.#line).toString('latin1'));
    this.#line = [];
    this.#lineBytes = 0;
    this.#head = Buffer.alloc(0);
  }

  #hold(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#head.length < HEAD_BYTES) {
      this.#head = Buffer.concat([this.#head, bytes.subarray(0, HEAD_BYTES - this.#head.length)]);
    }
    this.#lineBytes += bytes.length;
    if (this.#lineBytes > LONGEST_LINE) this.#line = [];
    else this.#line.push(Buffer.from(bytes));
  }
}
