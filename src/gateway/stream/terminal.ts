import type { WireFormat } from '../../providers/provider.ts';
import type { StreamEvent } from './stream-event.ts';

/**
 * Watches one stream for its end, so that a broken one can be told from a complete one.
 *
 * Ends: Messages `message_stop`; Responses `response.completed`, `response.incomplete`, `response.failed`; chat
 * `[DONE]`. An error event of the provider is an end too: the client has been told. A chat stream may also simply end
 * once every choice has a `finish_reason` (`mayEnd`).
 */
export class TerminalWatch {
  readonly #format: WireFormat;
  #ending: 'none' | 'terminal' | 'error' = 'none';
  #eventCount = 0;
  #lastSequenceNumber: number | undefined;
  /** Chat: index of each choice seen → whether it is finished. A cut after one of two choices is a cut. */
  #choices: Map<number, boolean> | undefined;

  constructor(format: WireFormat) {
    this.#format = format;
  }

  /** `none` until the terminal event or the provider's error event has passed. */
  get ending(): 'none' | 'terminal' | 'error' {
    return this.#ending;
  }

  /** Whether a clean end of the connection would be a clean end of the answer. */
  get mayEnd(): boolean {
    if (this.#ending !== 'none') return true;
    return this.#choices !== undefined && [...this.#choices.values()].every((isFinished) => isFinished);
  }

  /** Events with data so far. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** The `sequence_number` that an event of ours would have (Responses). */
  get nextSequenceNumber(): number {
    return this.#lastSequenceNumber === undefined ? 0 : this.#lastSequenceNumber + 1;
  }

  see(event: StreamEvent): void {
    if (event.data === 'none' || event.data === 'garbage') return;
    this.#eventCount++;
    if (this.#ending !== 'none') return;
    if (event.data === 'done') {
      if (this.#format === 'openai-chat') this.#ending = 'terminal';
      return;
    }
    this.#seeObject(event.name, event.data === 'large' ? {} : event.data);
  }

  #seeObject(name: string | undefined, data: Readonly<Record<string, unknown>>): void {
    const type = typeof data.type === 'string' ? data.type : name;
    if (isError(this.#format, type, name, data)) this.#ending = 'error';
    else if (type !== undefined && isTerminalType(this.#format, type)) this.#ending = 'terminal';
    else if (this.#format === 'openai-chat') this.#seeChoices(data.choices);
    if (typeof data.sequence_number === 'number') this.#lastSequenceNumber = data.sequence_number;
  }

  #seeChoices(choices: unknown): void {
    if (!Array.isArray(choices)) return;
    for (const choice of choices as unknown[]) {
      if (typeof choice !== 'object' || choice === null) continue;
      const { index, finish_reason: reason } = choice as Record<string, unknown>;
      const key = typeof index === 'number' ? index : 0;
      this.#choices ??= new Map();
      // Some providers write "" where others write null.
      const isFinished = typeof reason === 'string' && reason !== '';
      this.#choices.set(key, isFinished || this.#choices.get(key) === true);
    }
  }
}

function isTerminalType(format: WireFormat, type: string): boolean {
  if (format === 'anthropic-messages') return type === 'message_stop';
  if (format === 'openai-chat') return false;
  return type === 'response.completed' || type === 'response.incomplete' || type === 'response.failed';
}

/** In a chat stream an error has no type of its own: `{"error": {…}}`, from xAI also `{"error": "text"}`. */
function isError(
  format: WireFormat,
  type: string | undefined,
  name: string | undefined,
  data: Readonly<Record<string, unknown>>,
): boolean {
  if (type === 'error' || name === 'error') return true;
  return format === 'openai-chat' && data.error !== undefined && data.error !== null;
}
