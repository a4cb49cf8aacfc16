import { type Answer, type Exchange, jsonAnswer, type WholeAnswer } from './answer.ts';
import type { StoredFile } from './book.ts';
import { errorAnswer } from './errors.ts';
import { parseMultipart } from './multipart.ts';
import { ownerOf } from './owner.ts';

/** `/v1/files` and below: upload, list, metadata, content, delete. */
export function answerFiles(exchange: Exchange): Answer {
  if (exchange.route === 'files') return exchange.method === 'POST' ? upload(exchange) : list(exchange);
  const file = exchange.book.files.get(exchange.id);
  if (file?.owner !== ownerOf(exchange)) return missing(exchange);
  if (exchange.route === 'files/{id}/content') {
    return { status: 200, headers: ['content-type', file.mimeType], body: file.bytes };
  }
  if (exchange.method === 'DELETE') return remove(exchange);
  return jsonAnswer(200, shown(exchange, file));
}

function upload(exchange: Exchange): WholeAnswer {
  const { family, headers, body, received, book } = exchange;
  const parts = parseMultipart(headers['content-type'], body);
  const part = parts?.find(({ name }) => name === 'file');
  if (!part) {
    return errorAnswer(family, 'invalid_request', received.requestId, { message: 'file: Field required' });
  }
  const file: StoredFile = {
    id: book.nextId(family === 'anthropic' ? 'file_' : 'file-'),
    owner: ownerOf(exchange),
    filename: part.filename ?? 'upload',
    mimeType: part.contentType,
    purpose: parts!.find(({ name }) => name === 'purpose')?.bytes.toString() ?? 'user_data',
    bytes: Buffer.from(part.bytes),
    createdAtMs: Date.now(),
  };
  book.files.set(file.id, file);
  return jsonAnswer(200, shown(exchange, file));
}

function list(exchange: Exchange): WholeAnswer {
  const owner = ownerOf(exchange);
  const files = [...exchange.book.files.values()].filter((file) => file.owner === owner);
  const ends = { has_more: false, first_id: files[0]?.id ?? null, last_id: files.at(-1)?.id ?? null };
  const data = files.map((file) => shown(exchange, file));
  return jsonAnswer(200, exchange.family === 'anthropic' ? { data, ...ends } : { object: 'list', data, ...ends });
}

function remove({ family, book, id }: Exchange): WholeAnswer {
  book.files.delete(id);
  if (family === 'anthropic') return jsonAnswer(200, { id, type: 'file_deleted' });
  return jsonAnswer(200, { id, object: 'file', deleted: true });
}

function missing({ family, id, received }: Exchange): WholeAnswer {
  return errorAnswer(family, 'not_found', received.requestId, { message: `No such file: ${id}` });
}

function shown({ family }: Exchange, file: StoredFile) {
  if (family === 'anthropic') {
    return {
      type: 'file',
      id: file.id,
      filename: file.filename,
      mime_type: file.mimeType,
      size_bytes: file.bytes.length,
      created_at: new Date(file.createdAtMs).toISOString(),
      downloadable: true,
    };
  }
  return {
    id: file.id,
    object: 'file',
    bytes: file.bytes.length,
    created_at: Math.floor(file.createdAtMs / 1000),
    filename: file.filename,
    purpose: file.purpose,
    status: 'processed',
  };
}
