import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** How much of a body that nobody wants is still read, and how long. */
const MOST_UNWANTED_BYTES = 64 * 1024 * 1024;
const LONGEST_UNWANTED_MS = 5_000;

const CLOSING = new WeakSet<Duplex>();

/** Whether a refusal was sent on it whose request was still coming in: then nothing more is answered there. */
export function isClosingAfterBody(socket: Duplex): boolean {
  return CLOSING.has(socket);
}

/**
 * Closes the connection after a refusal that came before the body's end, but not before the client, which is still
 * sending, could see the answer: a socket that is closed with unread bytes is reset, and the answer is thrown away
 * (RFC 9112, section 9.6). Node closes it by `destroySoon` as soon as the answer has left; that is put off until the
 * body has run out.
 */
export function closeAfterBody(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  // Node takes the socket away from a request that is over, also when it was broken off.
  if (request.complete || !socket) return;
  response.shouldKeepAlive = false;
  CLOSING.add(socket);
  const close = socket.destroySoon.bind(socket);
  let hasLeft = false;
  socket.destroySoon = () => {
    hasLeft = true;
  };
  const giveUp = setTimeout(close, LONGEST_UNWANTED_MS).unref();
  let bytes = 0;
  request.removeAllListeners('data');
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_UNWANTED_BYTES) close();
  });
  request.once('close', () => {
    clearTimeout(giveUp);
    // A request without a body is over before its answer is written: then Node closes after that.
    if (hasLeft) close();
    else socket.destroySoon = close;
  });
  request.resume();
}
