import type { IncomingMessage } from 'node:http';
import { MoltbotError } from '../../core/errors.ts';
import type { Route } from '../../providers/provider.ts';
import type { Exchange } from '../exchange.ts';
import type { Cancel } from '../forward/forward.ts';
import { headerOf } from '../headers/raw-headers.ts';

const MEGABYTE = 1024 * 1024;
/** What agents say about themselves is short. */
const SHORT_BYTES = 64 * 1024;
/** Anthropic's own limit for a message; batches are larger, and one is held at a time. */
const LIMIT_BYTES = { json: 32 * MEGABYTE, batch: 256 * MEGABYTE } as const;
const EMPTY = Buffer.alloc(0);

let batchesUnderWay: Promise<unknown> = Promise.resolve();

/**
 * The whole request body, held in memory so that it can be sent again with another profile. `upload` bodies are not
 * read here. Throws TOO_LARGE, or REQUEST_TIMEOUT when the client stopped in the middle.
 */
export async function readBody({ request, response, cancel }: Exchange, kind: Route['body']): Promise<Buffer> {
  if (kind === 'none' || kind === 'upload') return EMPTY;
  if (kind === 'json') return collect(request, LIMIT_BYTES.json, cancel);
  const turn = batchesUnderWay;
  // The next batch waits until this one is answered: its body is held until then.
  batchesUnderWay = turn.then(
    () => new Promise((resolve) => (response.closed ? resolve(undefined) : response.once('close', resolve))),
  );
  await turn;
  return collect(request, LIMIT_BYTES.batch, cancel);
}

/** The body of a route of our own, at most 64 KB. Throws as `readBody` does. */
export function readShortBody({ request, cancel }: Exchange): Promise<Buffer> {
  return collect(request, SHORT_BYTES, cancel);
}

function collect(request: IncomingMessage, limitBytes: number, cancel: Cancel): Promise<Buffer> {
  const announced = Number(headerOf(request.rawHeaders, 'content-length') ?? 0);
  if (announced > limitBytes) return Promise.reject(tooLarge(limitBytes));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limitBytes) {
        request.removeAllListeners('data');
        request.resume();
        reject(tooLarge(limitBytes));
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length)));
    const gone = () => reject(new MoltbotError('REQUEST_TIMEOUT', 'The request ended before its body was complete.'));
    request.on('error', gone);
    request.on('aborted', gone);
    if (cancel.isCancelled) gone();
  });
}

function tooLarge(limitBytes: number): MoltbotError {
  return new MoltbotError('TOO_LARGE', `The request body is larger than ${sizeText(limitBytes)}.`, {
    hint: 'Send less at once: upload files separately, or split the batch.',
  });
}

function sizeText(bytes: number): string {
  return bytes < MEGABYTE ? `${bytes / 1024} KB` : `${bytes / MEGABYTE} MB`;
}
