import type { WireFormat } from '../../providers/provider.ts';
import { countIn, type Fields, fieldsOf, wordIn } from './json-fields.ts';
import { messagesUsage } from './messages-usage.ts';
import { openaiUsage } from './openai-usage.ts';
import { OutputSoFar } from './output-so-far.ts';
import { NO_USAGE, type Usage, type UsageState } from './usage.ts';

/** What is known of an answer's use once it is over. */
export interface UsageReading {
  readonly usage: Usage;
  readonly state: UsageState;
  /** The model the answer names. */
  readonly model: string | undefined;
}

const TERMINAL_RESPONSES = ['response.completed', 'response.incomplete', 'response.failed'];
const BYTES_PER_TOKEN = 4;
/** The figures a price stands on: a block in which one of them cannot be read says nothing. */
const FIGURES = [
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'prompt_tokens',
  'completion_tokens',
];

/** A response that is made in the background: whoever fetches it later is told what it used. */
export interface BackgroundResponse {
  readonly id: string;
  /** Nothing of its use is known yet. */
  readonly isPending: boolean;
}

/** Reads what one answer used, from its whole body or from its events one by one. Changes nothing and keeps no text. */
export class UsageMeter {
  readonly #format: WireFormat;
  readonly #promptBytes: number;
  readonly #output = new OutputSoFar();
  #usage: Usage | undefined;
  /** Only the beginning of a stream has told: how long the answer is is not known yet. */
  #isBeginning = false;
  #model: string | undefined;
  #backgroundId: string | undefined;

  /** `promptBytes`: of the request, for where the provider says nothing at all. */
  constructor(format: WireFormat, promptBytes: number) {
    this.#format = format;
    this.#promptBytes = promptBytes;
  }

  /** The response in the background that this answer is about, if it is. */
  background(): BackgroundResponse | undefined {
    return this.#backgroundId === undefined
      ? undefined
      : { id: this.#backgroundId, isPending: this.#usage === undefined };
  }

  /** A whole JSON body, parsed. */
  seeBody(body: Fields): void {
    this.#seeModel(body);
    this.#seeBackground(body);
    this.#seeUsage(body.usage, body.service_tier);
  }

  /** The data of one event, parsed. */
  seeEvent(data: Fields): void {
    if (this.#format === 'anthropic-messages') this.#seeMessagesEvent(data);
    else if (this.#format === 'openai-chat') this.#seeChunk(data);
    else this.#seeResponsesEvent(data);
  }

  /** The usage block of something too large to be parsed as a whole. */
  seeUsage(block: Fields | undefined): void {
    this.#seeUsage(block, undefined);
  }

  /** `isWhole`: the answer came to its end. */
  reading(isWhole: boolean): UsageReading {
    const model = this.#model;
    const soFar = this.#output.tokens;
    if (!this.#usage) {
      const inputTokens = Math.ceil(this.#promptBytes / BYTES_PER_TOKEN);
      return { usage: { ...NO_USAGE, inputTokens, outputTokens: soFar }, state: 'estimated', model };
    }
    if (isWhole && !this.#isBeginning) return { usage: this.#usage, state: 'reported', model };
    const outputTokens = Math.max(this.#usage.outputTokens, soFar);
    return { usage: { ...this.#usage, outputTokens }, state: 'partial', model };
  }

  #seeMessagesEvent(data: Fields): void {
    if (data.type === 'message_start') {
      const message = fieldsOf(data.message);
      this.#seeModel(message);
      this.#isBeginning = true;
      this.#seeUsage(message.usage, undefined);
    } else if (data.type === 'message_delta' && this.#seeUsage(data.usage, undefined)) this.#isBeginning = false;
    else if (data.type === 'content_block_delta') this.#output.see(data.delta);
  }

  #seeChunk(data: Fields): void {
    this.#seeModel(data);
    this.#seeUsage(data.usage, data.service_tier);
    for (const choice of Array.isArray(data.choices) ? (data.choices as unknown[]) : []) {
      this.#output.see(fieldsOf(choice).delta);
    }
  }

  #seeResponsesEvent(data: Fields): void {
    const { type } = data;
    if (typeof type !== 'string') return;
    if (type.endsWith('.delta')) this.#output.see(data.delta);
    const response = fieldsOf(data.response);
    this.#seeModel(response);
    this.#seeBackground(response);
    if (TERMINAL_RESPONSES.includes(type)) this.#seeUsage(response.usage, response.service_tier);
  }

  #seeModel(named: Fields): void {
    this.#model = wordIn(named.model) ?? this.#model;
  }

  #seeBackground({ background, id }: Fields): void {
    if (this.#format === 'openai-responses' && background === true) this.#backgroundId = wordIn(id);
  }

  /** Whether it was told. */
  #seeUsage(block: unknown, serviceTier: unknown): boolean {
    const fields = fieldsOf(block);
    const isMessages = this.#format === 'anthropic-messages';
    if (!isReadable(fields, isMessages ? ['output_tokens'] : ['prompt_tokens', 'input_tokens'])) return false;
    this.#usage = isMessages ? messagesUsage(fields, this.#usage) : openaiUsage(fields, serviceTier);
    return true;
  }
}

function isReadable(block: Fields, needed: readonly string[]): boolean {
  const isCount = (name: string) => countIn(block[name]) !== undefined;
  return needed.some(isCount) && FIGURES.every((name) => (block[name] ?? undefined) === undefined || isCount(name));
}
