import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import * as v from 'valibot';
import { isErrorCode, MoltbotError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { printable } from '../../core/text.ts';
import { connectPinned } from './pinned-connection.ts';
import type { ServerAddress } from './server-address.ts';

/** A gateway elsewhere, and how we know that it is the one. */
export interface PinnedServer extends ServerAddress {
  readonly fingerprint: string | null;
}

export interface ServerRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** Sent as Bearer, and only after the certificate was found to be the pinned one. */
  readonly secret?: Secret | undefined;
  readonly body?: unknown;
}

const ANSWER_LIMIT_MS = 15_000;
const MOST_ANSWER_BYTES = 64 * 1024;
const LONGEST_TEXT = 300;

/**
 * One request to a gateway elsewhere. What comes back is taken for hostile: bounded in size and time, checked against
 * `schema`, and its texts made safe. Fails with its own error code where that is one of ours, SERVER_UNTRUSTED for what
 * is no answer of a gateway, GATEWAY_NOT_RUNNING.
 */
export async function callServer<T>(
  server: PinnedServer,
  sent: ServerRequest,
  schema: v.GenericSchema<unknown, T>,
): Promise<T> {
  const socket = await connectPinned(server, server.fingerprint);
  try {
    const answer = await exchange(server, socket, sent);
    if (answer.status < 200 || answer.status > 299) throw refusal(server, answer);
    const result = v.safeParse(schema, answer.value);
    if (result.success) return result.output;
    throw noGateway(server);
  } finally {
    socket.destroy();
  }
}

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly value: unknown;
}

function exchange(
  server: PinnedServer,
  socket: Socket,
  { method, path, secret, body }: ServerRequest,
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = request({
      createConnection: () => socket,
      method,
      path,
      headers: {
        host: new URL(server.url).host,
        connection: 'close',
        ...(secret && { authorization: `Bearer ${secret.reveal()}` }),
        ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
    });
    const timer = setTimeout(() => outgoing.destroy(), ANSWER_LIMIT_MS);
    const done = () => clearTimeout(timer);
    outgoing.once('error', () => {
      done();
      reject(broken(server));
    });
    outgoing.once('response', (response) => {
      readAnswer(server, response).then(resolve, reject).finally(done);
    });
    outgoing.end(text);
  });
}

async function readAnswer(server: PinnedServer, response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MOST_ANSWER_BYTES) break;
      chunks.push(chunk);
    }
  } catch {
    // The connection broke in the middle, or took too long.
    throw broken(server);
  }
  const code = response.headers['x-moltbot-error'];
  const value = bytes > MOST_ANSWER_BYTES ? undefined : parsed(Buffer.concat(chunks).toString('utf8'));
  return { status: response.statusCode ?? 0, code: typeof code === 'string' ? code : undefined, value };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the schema refuses it.
    return undefined;
  }
}

const errorShape = v.object({ error: v.object({ message: v.string() }) });

function refusal(server: PinnedServer, { code, value }: Answer): MoltbotError {
  const shaped = v.safeParse(errorShape, value);
  if (code === undefined || !isErrorCode(code) || !shaped.success) return noGateway(server);
  const { message } = shaped.output.error;
  const text = printable(message.length > LONGEST_TEXT ? `${message.slice(0, LONGEST_TEXT - 1)}…` : message);
  return new MoltbotError(code, `${server.url} says: ${text}`);
}

function noGateway({ url }: PinnedServer): MoltbotError {
  return new MoltbotError('SERVER_UNTRUSTED', `${url} does not answer like a moltbot gateway.`, {
    hint: 'Check the address; it is the one of the proxy listener, with its port.',
  });
}

function broken({ url }: PinnedServer): MoltbotError {
  return new MoltbotError('GATEWAY_NOT_RUNNING', `The connection to ${url} broke before its answer was there.`, {
    hint: 'Try again in a moment.',
  });
}
