const EMPTY = Buffer.alloc(0);

/** Finds the ends of answers in what comes over one connection: those with a length, and chunked ones without trailers. */
export class AnswerReader {
  #pending: Buffer = EMPTY;
  /** Bytes of the body still to come; `chunked` until the last chunk. Undefined before the head. */
  #missing: number | 'chunked' | undefined;

  /** True when the answer is complete with this chunk. Throws when it is no success. */
  push(chunk: Buffer): boolean {
    if (this.#missing === undefined) return this.#readHead(chunk);
    return this.#readBody(chunk);
  }

  #readHead(chunk: Buffer): boolean {
    const head = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const end = head.indexOf('\r\n\r\n');
    this.#pending = end < 0 ? head : EMPTY;
    if (end < 0) return false;
    const text = head.toString('latin1', 0, end);
    if (!text.startsWith('HTTP/1.1 200 ')) throw new Error(`answered:\n${head.toString('latin1', 0, 2000)}`);
    const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
    this.#missing = length === undefined ? 'chunked' : Number(length);
    return this.#readBody(head.subarray(end + 4));
  }

  #readBody(bytes: Buffer): boolean {
    if (this.#missing !== 'chunked') this.#missing! -= bytes.length;
    // The bodies hold no line breaks, so this can only be the last chunk, whole or with its start in an earlier read.
    const isOver =
      this.#missing === 'chunked' ? this.#endsWithLastChunk(bytes) : this.#missing !== undefined && this.#missing <= 0;
    if (isOver) {
      this.#missing = undefined;
      this.#pending = EMPTY;
    }
    return isOver;
  }

  #endsWithLastChunk(bytes: Buffer): boolean {
    const tail = bytes.length >= 7 ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#pending = tail.subarray(-7);
    return tail.toString('latin1', Math.max(0, tail.length - 7)) === '\r\n0\r\n\r\n';
  }
}
