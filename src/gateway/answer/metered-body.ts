import type { UsageMeter } from '../../ledger/usage/usage-meter.ts';
import { decodeCopy, isEncoded } from '../stream/decode.ts';
import { findUsage } from '../stream/find-usage.ts';

/** Larger bodies are images and the like: of those only the end is kept, where the usage stands. */
const MOST_KEPT_BYTES = 4 * 1024 * 1024;
const MOST_DECODED_BYTES = 32 * 1024 * 1024;

/** A copy of a JSON body on its way to the client, for the meter. */
export class MeteredBody {
  readonly #meter: UsageMeter;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #isCut = false;

  constructor(meter: UsageMeter) {
    this.#meter = meter;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes - this.#chunks[0]!.length >= MOST_KEPT_BYTES) {
      this.#bytes -= this.#chunks.shift()!.length;
      this.#isCut = true;
    }
  }

  /** Reads it once it is whole, then goes on: at once where it is not encoded. */
  read(contentEncoding: string | undefined, then: () => void): void {
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = [];
    if (!isEncoded(contentEncoding)) {
      this.#see(body);
      then();
    } else if (this.#isCut) then();
    else void this.#decode(body, contentEncoding!).then(then);
  }

  async #decode(body: Buffer, contentEncoding: string): Promise<void> {
    try {
      const decoded = await decodeCopy(body, contentEncoding, MOST_DECODED_BYTES);
      if (decoded) this.#see(decoded);
    } catch {
      // What cannot be decoded says nothing of its use.
    }
  }

  #see(body: Buffer): void {
    if (this.#isCut || body.length > MOST_KEPT_BYTES) this.#meter.seeUsage(findUsage(body));
    else this.#meter.seeBody(objectIn(body));
  }
}

function objectIn(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body.toString('latin1'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    // No JSON: it says nothing of its use.
    return {};
  }
}
