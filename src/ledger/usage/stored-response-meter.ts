import { type Fields, fieldsOf, parsedFields } from './json-fields.ts';
import { JsonLines } from './json-lines.ts';
import type { ResultsMeter } from './results-meter.ts';
import { UsageMeter, type UsageReading } from './usage-meter.ts';

/** Larger bodies are not read. */
const LARGEST_BYTES = 32 * 1024 * 1024;

/**
 * Reads a response that was made in the background, when it is fetched: as JSON or as its events again. One that is not
 * done yet says nothing; one that was made in the foreground was booked when it was made.
 */
export class StoredResponseMeter implements ResultsMeter {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #reading: UsageReading | undefined;

  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= LARGEST_BYTES) this.#chunks.push(Buffer.from(chunk));
    else this.#chunks.length = 0;
  }

  readings(): readonly UsageReading[] {
    const body = Buffer.concat(this.#chunks);
    this.#chunks.length = 0;
    if (this.#bytes <= LARGEST_BYTES) this.#read(body);
    return this.#reading ? [this.#reading] : [];
  }

  #read(body: Buffer): void {
    const whole = parsedFields(body.toString('latin1'));
    if (whole) {
      this.#see(whole);
      return;
    }
    const lines = new JsonLines(
      (line) => this.#see(fieldsOf(fieldsOf(parsedFields(line.replace(/^data: ?/, ''))).response)),
      () => undefined,
    );
    lines.push(body);
    lines.end();
  }

  #see(response: Fields): void {
    if (response.background !== true || Object.keys(fieldsOf(response.usage)).length === 0) return;
    const meter = new UsageMeter('openai-responses', 0);
    meter.seeBody(response);
    this.#reading = meter.reading(true);
  }
}
