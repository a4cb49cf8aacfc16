import { fieldsOf } from './json-fields.ts';
import { UsageMeter, type UsageReading } from './usage-meter.ts';

const LF = 10;
/** A longer line is not read: then the figures are not all there, which is said. */
const LONGEST_LINE = 4 * 1024 * 1024;

/** Reads what the answers of a batch used from its results: JSON lines, cut anywhere. */
export class BatchMeter {
  readonly #readings: UsageReading[] = [];
  #line: Buffer[] = [];
  #lineBytes = 0;

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      this.#hold(chunk.subarray(from, end));
      this.#endLine();
      from = end + 1;
    }
    this.#hold(chunk.subarray(from));
  }

  /** One reading for each answer; requests of the batch that failed or were cancelled used nothing. */
  readings(): readonly UsageReading[] {
    this.#endLine();
    return this.#readings;
  }

  #hold(bytes: Buffer): void {
    this.#lineBytes += bytes.length;
    if (this.#lineBytes > LONGEST_LINE) this.#line = [];
    else if (bytes.length > 0) this.#line.push(Buffer.from(bytes));
  }

  #endLine(): void {
    if (this.#lineBytes > LONGEST_LINE) this.#readings.push(new UsageMeter('anthropic-messages', 0).reading(true));
    else this.#read(Buffer.concat(this.#line).toString('latin1'));
    this.#line = [];
    this.#lineBytes = 0;
  }

  #read(line: string): void {
    const { message } = fieldsOf(fieldsOf(parsed(line)).result);
    if (typeof message !== 'object' || message === null) return;
    const meter = new UsageMeter('anthropic-messages', 0);
    meter.seeBody(fieldsOf(message));
    const reading = meter.reading(true);
    this.#readings.push({ ...reading, usage: { ...reading.usage, serviceTier: 'batch' } });
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // An empty line, or no JSON: no answer.
    return undefined;
  }
}
