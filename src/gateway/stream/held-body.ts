/** An error body is short; beyond this only its beginning is judged. */
const MAX_HELD_BYTES = 64 * 1024;

/**
 * Holds the body of an error until it can be judged, because a profile that failed may be followed by the next one and
 * then this body is never sent. Once `isFull`, stop holding: judge, and send `bytes()` and the rest as they come
 * (through `BodyRedaction`).
 */
export class HeldBody {
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number = MAX_HELD_BYTES) {
    this.#maxBytes = maxBytes;
  }

  get isFull(): boolean {
    return this.#length >= this.#maxBytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  bytes(): Buffer {
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
  }
}
