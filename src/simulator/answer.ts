import type { IncomingHttpHeaders } from 'node:http';
import type { Book } from './book.ts';
import type { IssuedKey } from './keys.ts';
import type { ReceivedRequest } from './received.ts';
import type { AnswerSettings, ErrorName, Family } from './script-schema.ts';

/** An answer that is there at once. `headers` is a flat list: name, value, name, value. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string | Buffer;
}

/** How a wire format says things inside a stream. Each gives one whole SSE frame. */
export interface Grammar {
  readonly ping: string;
  readonly garbage: string;
  /** Another piece of text, for endless and echoing streams. */
  delta(text: string): string;
  error(name: ErrorName, message: string | undefined, requestId: string): string;
}

/** An answer sent event by event. Each frame is one whole SSE event with its blank line. */
export interface StreamAnswer {
  readonly headers: readonly string[];
  readonly frames: readonly string[];
  readonly grammar: Grammar;
}

export type Answer = WholeAnswer | StreamAnswer;

/** One request on its way to an answer. */
export interface Exchange {
  readonly received: ReceivedRequest;
  readonly family: Family;
  /** Below `/v1/`, ids replaced: `messages/batches/{id}`. */
  readonly route: string;
  /** The `{id}` of the route, decoded; empty when it has none. */
  readonly id: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The parsed JSON object; undefined when the body is none. */
  readonly json: Record<string, unknown> | undefined;
  readonly issued: IssuedKey | undefined;
  readonly settings: AnswerSettings;
  readonly book: Book;
  /** Origin that the client used, for absolute links: `http://127.0.0.1:4000/anthropic`. */
  readonly baseUrl: string;
}

export function isStream(answer: Answer): answer is StreamAnswer {
  return 'frames' in answer;
}

export function jsonAnswer(status: number, value: unknown): WholeAnswer {
  return { status, headers: ['content-type', 'application/json'], body: JSON.stringify(value) };
}
