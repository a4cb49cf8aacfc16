import { type Answer, type Exchange, isStream, jsonAnswer, type WholeAnswer } from './answer.ts';
import { isRecord } from './answer-text.ts';
import { listBatches, missingBatch, newBatch } from './batches.ts';
import type { StoredBatch } from './book.ts';
import { answerEmbeddings } from './embeddings.ts';
import { errorAnswer } from './errors.ts';
import { answerChat } from './openai-chat.ts';
import { answerCreateResponse } from './openai-responses.ts';
import { ownerOf } from './owner.ts';

/** What the requests of a batch may be; its `endpoint`. */
const ENDPOINTS: ReadonlyMap<string, (exchange: Exchange) => Answer> = new Map([
  ['/v1/chat/completions', answerChat],
  ['/v1/responses', answerCreateResponse],
  ['/v1/embeddings', answerEmbeddings],
]);

interface Line {
  readonly custom_id: string;
  readonly body: Record<string, unknown>;
}

/** OpenAI's and xAI's `/v1/batches` and below. A batch is done as soon as it is made. */
export function answerFileBatches(exchange: Exchange): Answer {
  const { route, method, book } = exchange;
  if (route === 'batches') return method === 'GET' ? listBatches(exchange, shown) : create(exchange);
  const batch = book.batches.get(exchange.id);
  if (batch?.owner !== ownerOf(exchange)) return missingBatch(exchange);
  if (route === 'batches/{id}/cancel') batch.cancelled = true;
  return jsonAnswer(200, shown(exchange, batch));
}

function create(exchange: Exchange): WholeAnswer {
  const { book, family, json, received } = exchange;
  const { input_file_id: inputFileId, endpoint } = json ?? {};
  const file = typeof inputFileId === 'string' ? book.files.get(inputFileId) : undefined;
  if (file?.owner !== ownerOf(exchange)) {
    return errorAnswer(family, 'invalid_request', received.requestId, { message: 'Invalid input_file_id.' });
  }
  const answer = ENDPOINTS.get(String(endpoint));
  if (!answer) return errorAnswer(family, 'invalid_request', received.requestId, { message: 'Invalid endpoint.' });
  const lines = linesIn(file.bytes);
  const results = lines.map((line) => resultOf(exchange, line, answer));
  const batch = {
    ...newBatch(exchange, 'batch_'),
    inputFileId: file.id,
    endpoint: String(endpoint),
    requests: lines.map(({ custom_id, body }) => ({ customId: custom_id, model: String(body.model) })),
    outputFileId: keep(exchange, 'output', results.filter(isGood)),
    errorFileId: keep(
      exchange,
      'error',
      results.filter((result) => !isGood(result)),
    ),
  };
  book.batches.set(batch.id, batch);
  return jsonAnswer(200, shown(exchange, batch));
}

/** The requests of an input file, one a line; a line that is none is left out. */
function linesIn(bytes: Buffer): Line[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .flatMap((text) => {
      try {
        const line: unknown = JSON.parse(text);
        return isRecord(line) && isRecord(line.body) ? [{ custom_id: String(line.custom_id), body: line.body }] : [];
      } catch {
        // Not JSON: the provider would refuse the file; nothing here depends on it.
        return [];
      }
    });
}

/** The answer that the same request would get by itself. */
function resultOf(exchange: Exchange, { custom_id, body }: Line, answer: (exchange: Exchange) => Answer) {
  const json = { ...body, stream: false };
  const received = { ...exchange.received, model: String(body.model), stream: false };
  const given = answer({ ...exchange, received, json, body: Buffer.from(JSON.stringify(json)) });
  if (isStream(given)) throw new Error('an answer in a batch is never a stream');
  const request_id = exchange.book.nextId('req_');
  const response = { status_code: given.status, request_id, body: JSON.parse(given.body.toString()) as unknown };
  return { id: exchange.book.nextId('batch_req_'), custom_id, response, error: null };
}

function isGood({ response }: ReturnType<typeof resultOf>): boolean {
  return response.status_code < 300;
}

/** A file of JSON lines; none where there is no line. */
function keep(exchange: Exchange, what: string, results: readonly object[]): string | undefined {
  if (results.length === 0) return undefined;
  const id = exchange.book.nextId('file-');
  exchange.book.files.set(id, {
    id,
    owner: ownerOf(exchange),
    filename: `batch_${what}.jsonl`,
    mimeType: 'application/octet-stream',
    purpose: 'batch_output',
    bytes: Buffer.from(results.map((result) => `${JSON.stringify(result)}\n`).join('')),
    createdAtMs: Date.now(),
  });
  return id;
}

function shown({ book }: Exchange, batch: StoredBatch) {
  const total = batch.requests.length;
  const failed = batch.errorFileId === undefined ? 0 : lineCount(book.files.get(batch.errorFileId)?.bytes);
  return {
    id: batch.id,
    object: 'batch',
    endpoint: batch.endpoint,
    errors: null,
    input_file_id: batch.inputFileId,
    completion_window: '24h',
    status: batch.cancelled ? 'cancelled' : 'completed',
    output_file_id: batch.outputFileId ?? null,
    error_file_id: batch.errorFileId ?? null,
    created_at: Math.floor(batch.createdAtMs / 1000),
    request_counts: { total, completed: total - failed, failed },
  };
}

function lineCount(bytes: Buffer | undefined): number {
  return bytes === undefined ? 0 : bytes.toString().split('\n').length - 1;
}
