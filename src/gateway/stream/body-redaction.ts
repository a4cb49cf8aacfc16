import type { Redactor } from './redactor.ts';

/**
 * Takes the credential, in plain form, out of a body of any length as it passes: what could be the beginning of it is
 * held back until the next chunk. For answers of origins a person defined, and error bodies too long to hold.
 */
export class BodyRedaction {
  readonly #redactor: Redactor;
  #held: Buffer = Buffer.alloc(0);

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** What can leave now (may be empty). */
  push(chunk: Buffer): Buffer {
    const bytes = this.#redactor.redactEvents(Buffer.concat([this.#held, chunk]));
    const cut = Math.max(0, bytes.length - Math.max(0, this.#redactor.longestPlainBytes - 1));
    this.#held = bytes.subarray(cut);
    return bytes.subarray(0, cut);
  }

  /** What was held, at the end of a whole body. A broken body is not ended: its connection is reset. */
  end(): Buffer {
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    return held;
  }
}
