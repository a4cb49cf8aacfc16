import { type Answer, type Exchange, jsonAnswer, type WholeAnswer } from './answer.ts';
import { isRecord, textOf } from './answer-text.ts';
import type { StoredBatch } from './book.ts';
import { errorAnswer } from './errors.ts';
import { ownerOf } from './owner.ts';

/** Anthropic's `/v1/messages/batches` and below. A batch is done as soon as it is made. */
export function answerMessageBatches(exchange: Exchange): Answer {
  const { route, method, book, id } = exchange;
  if (route === 'messages/batches') return method === 'POST' ? create(exchange) : listBatches(exchange, shownBatch);
  const batch = book.batches.get(id);
  if (batch?.owner !== ownerOf(exchange)) return missingBatch(exchange);
  if (route === 'messages/batches/{id}/results') return results(exchange, batch);
  if (method === 'DELETE') {
    book.batches.delete(id);
    return jsonAnswer(200, { id, type: 'message_batch_deleted' });
  }
  if (route === 'messages/batches/{id}/cancel') batch.cancelled = true;
  return jsonAnswer(200, shownBatch(exchange, batch));
}

function create(exchange: Exchange): WholeAnswer {
  const requests = exchange.json?.requests;
  if (!Array.isArray(requests) || requests.length === 0) {
    const message = 'requests: at least one request is required';
    return errorAnswer('anthropic', 'invalid_request', exchange.received.requestId, { message });
  }
  const batch = {
    ...newBatch(exchange, 'msgbatch_'),
    requests: requests.filter(isRecord).map((request) => ({
      customId: String(request.custom_id),
      model: isRecord(request.params) ? String(request.params.model) : '',
    })),
  };
  exchange.book.batches.set(batch.id, batch);
  return jsonAnswer(200, shownBatch(exchange, batch));
}

/** JSON lines, one for each request of the batch. */
function results({ settings }: Exchange, batch: StoredBatch): WholeAnswer {
  const lines = batch.requests.map(({ customId, model }, index) => {
    const message = {
      id: `msg_${batch.id}_${index}`,
      type: 'message',
      role: 'assistant',
      model,
      content: [{ type: 'text', text: textOf(settings) }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 10, output_tokens: 10, service_tier: 'batch', ...settings.usage },
    };
    const result = batch.cancelled ? { type: 'canceled' } : { type: 'succeeded', message };
    return `${JSON.stringify({ custom_id: customId, result })}\n`;
  });
  return { status: 200, headers: ['content-type', 'application/x-jsonl'], body: lines.join('') };
}

/** `results_url` is absolute, as the provider's is: whoever follows it leaves a gateway that did not rewrite it. */
function shownBatch({ baseUrl }: Exchange, batch: StoredBatch) {
  const count = batch.requests.length;
  const createdAt = new Date(batch.createdAtMs).toISOString();
  return {
    id: batch.id,
    type: 'message_batch',
    processing_status: 'ended',
    request_counts: {
      processing: 0,
      succeeded: batch.cancelled ? 0 : count,
      errored: 0,
      canceled: batch.cancelled ? count : 0,
      expired: 0,
    },
    created_at: createdAt,
    ended_at: createdAt,
    expires_at: new Date(batch.createdAtMs + 86_400_000).toISOString(),
    archived_at: null,
    cancel_initiated_at: batch.cancelled ? createdAt : null,
    results_url: `${baseUrl}/v1/messages/batches/${batch.id}/results`,
  };
}

/** A batch without its requests. */
export function newBatch(exchange: Exchange, prefix: string): StoredBatch {
  return {
    id: exchange.book.nextId(prefix),
    owner: ownerOf(exchange),
    createdAtMs: Date.now(),
    requests: [],
    inputFileId: '',
    endpoint: '',
    outputFileId: undefined,
    errorFileId: undefined,
    cancelled: false,
  };
}

/** The batches of this credential. */
export function listBatches(
  exchange: Exchange,
  show: (exchange: Exchange, batch: StoredBatch) => { id: string },
): WholeAnswer {
  const owner = ownerOf(exchange);
  const mine = [...exchange.book.batches.values()].filter((batch) => batch.owner === owner);
  const data = mine.map((batch) => show(exchange, batch));
  const ends = { has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
  return jsonAnswer(200, exchange.family === 'anthropic' ? { data, ...ends } : { object: 'list', data, ...ends });
}

export function missingBatch({ family, id, received }: Exchange): WholeAnswer {
  return errorAnswer(family, 'not_found', received.requestId, { message: `No such batch: ${id}` });
}
