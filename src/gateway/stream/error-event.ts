import type { WireFormat } from '../../providers/provider.ts';

const PING = Buffer.from('event: ping\ndata: {"type": "ping"}\n\n');
const COMMENT = Buffer.from(': keep-alive\n\n');

export interface StreamFailure {
  /** Our text; it ends with our request id, because clients hide headers. */
  readonly message: string;
  /** `upstream_broken`: what chat clients see as `error.code`. */
  readonly code: string;
  readonly isOverloaded?: boolean;
  /** Responses: one more than the last event's. */
  readonly sequenceNumber: number;
}

/**
 * The event that tells a client of each format that its stream broke. Measured with the SDKs: each of these makes them
 * raise with our text, whereas a clean end passes for success. Responses takes `error` and not `response.failed`, on
 * which the openai SDK does not raise. Chat gets no `[DONE]` after it.
 */
export function errorEvent(format: WireFormat, failure: StreamFailure): Buffer {
  const { message, code, isOverloaded = false, sequenceNumber } = failure;
  if (format === 'anthropic-messages') {
    const type = isOverloaded ? 'overloaded_error' : 'api_error';
    return named({ type: 'error', error: { type, message } });
  }
  if (format === 'openai-responses') {
    return named({ type: 'error', code: 'server_error', message, param: null, sequence_number: sequenceNumber });
  }
  return Buffer.from(`data: ${JSON.stringify({ error: { message, type: 'server_error', param: null, code } })}\n\n`);
}

/** What may stand between two events without meaning anything. Anthropic's own is a ping; elsewhere an SSE comment. */
export function keepAlive(format: WireFormat): Buffer {
  return format === 'anthropic-messages' ? PING : COMMENT;
}

function named(body: { type: 'error'; [field: string]: unknown }): Buffer {
  return Buffer.from(`event: error\ndata: ${JSON.stringify(body)}\n\n`);
}
