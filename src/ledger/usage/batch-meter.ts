import { type Fields, fieldsOf, parsedFields } from './json-fields.ts';
import { JsonLines } from './json-lines.ts';
import type { ResultsMeter } from './results-meter.ts';
import { UsageMeter, type UsageReading } from './usage-meter.ts';

/** Whose results: Anthropic's, or those of OpenAI and xAI, which come as a file like any other. */
export type BatchFormat = 'anthropic-messages' | 'openai-chat';

/** How a line of OpenAI's results begins, which no other file of JSON lines does. */
const RESULT = /^\s*\{\s*"(id"\s*:\s*"batch_req_|custom_id"\s*:\s*"[^"]*"\s*,\s*"response")/;

/** Reads what the answers of a batch used from its results, JSON lines. A file that is something else has no readings. */
export class BatchMeter implements ResultsMeter {
  readonly #format: BatchFormat;
  readonly #readings: UsageReading[] = [];
  readonly #lines: JsonLines;

  constructor(format: BatchFormat) {
    this.#format = format;
    this.#lines = new JsonLines(
      (line) => this.#read(line),
      // Too long to be read: then the figures are not all there, which is said.
      (head) => {
        if (format === 'anthropic-messages' || RESULT.test(head)) this.#note({});
      },
    );
  }

  push(chunk: Buffer): void {
    this.#lines.push(chunk);
  }

  /** Requests of the batch that failed or were cancelled used nothing. */
  readings(): readonly UsageReading[] {
    this.#lines.end();
    return this.#readings;
  }

  #read(line: string): void {
    const answer = this.#format === 'anthropic-messages' ? messageIn(line) : bodyIn(line);
    if (answer) this.#note(answer);
  }

  /** OpenAI's answers of all kinds have the figures of chat completions or their like. */
  #note(answer: Fields): void {
    const meter = new UsageMeter(this.#format, 0);
    meter.seeBody(answer);
    const reading = meter.reading(true);
    this.#readings.push({ ...reading, usage: { ...reading.usage, serviceTier: 'batch' } });
  }
}

function messageIn(line: string): Fields | undefined {
  return objectIn(fieldsOf(parsedFields(line)).result, 'message');
}

/** `{ id, custom_id, response: { status_code, body }, error }` */
function bodyIn(line: string): Fields | undefined {
  if (!line.includes('"custom_id"')) return undefined;
  const { custom_id, response } = fieldsOf(parsedFields(line));
  if (typeof custom_id !== 'string' || fieldsOf(response).status_code !== 200) return undefined;
  return objectIn(response, 'body');
}

function objectIn(value: unknown, name: string): Fields | undefined {
  const inner = fieldsOf(value)[name];
  return typeof inner === 'object' && inner !== null ? fieldsOf(inner) : undefined;
}
