import type { IncomingMessage } from 'node:http';
import { MoltbotError } from '../../core/errors.ts';
import { hasBody } from '../../gateway/headers/hygiene.ts';
import { headerOf } from '../../gateway/headers/raw-headers.ts';
import { InvalidFieldsError } from './check-input.ts';

/** The longest thing anybody sends here is a policy. */
const MOST_BYTES = 256 * 1024;

/**
 * The request's JSON, or undefined when it has no body. TOO_LARGE, WRONG_CONTENT_TYPE for a compressed one,
 * REQUEST_TIMEOUT when it broke off, INVALID_FIELDS when it is not JSON.
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  if (!hasBody(request.rawHeaders)) return undefined;
  if (headerOf(request.rawHeaders, 'content-encoding') !== undefined) throw encoded();
  if (Number(headerOf(request.rawHeaders, 'content-length') ?? 0) > MOST_BYTES) throw tooLarge();
  const text = (await collect(request)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message repeats the text.
    throw new InvalidFieldsError([{ loc: ['body'], msg: 'Not JSON', type: 'json_invalid' }]);
  }
}

async function collect(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MOST_BYTES) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new MoltbotError('REQUEST_TIMEOUT', 'The request ended before its body was complete.', { cause });
  }
  if (length > MOST_BYTES) throw tooLarge();
  return Buffer.concat(chunks, length);
}

function tooLarge(): MoltbotError {
  return new MoltbotError('TOO_LARGE', `The request body is larger than ${MOST_BYTES / 1024} KB.`);
}

function encoded(): MoltbotError {
  return new MoltbotError('WRONG_CONTENT_TYPE', 'A compressed request body is not taken here.', {
    hint: 'Send it as plain JSON.',
  });
}
