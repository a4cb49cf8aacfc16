import { createServer, type Server, type Socket } from 'node:net';

const EMPTY = Buffer.alloc(0);
const BODY_BYTES = 2048;

/**
 * Answers every request with the same 2 KB message, as soon as its body is complete. Straight on sockets: an HTTP server
 * of Node's would be as slow as the proxies that are measured with it. Takes only what they send: one request at a time
 * per connection, with a content-length.
 */
export function jsonServer(): Server {
  const answer = wholeAnswer();
  return createServer({ noDelay: true }, (socket) => serve(socket, answer));
}

function serve(socket: Socket, answer: Buffer): void {
  let head: Buffer = EMPTY;
  let missing = 0;
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    if (missing === 0) {
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      missing = announced(head.toString('latin1', 0, end)) - (head.length - end - 4);
      head = EMPTY;
    } else missing -= chunk.length;
    if (missing === 0) socket.write(answer);
    if (missing < 0) throw new Error('a request is longer than announced');
  });
}

function announced(head: string): number {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`a request without content-length:\n${head}`);
  return Number(length);
}

/** With the headers that Anthropic sends, because a proxy has to read them. */
function wholeAnswer(): Buffer {
  const message = (text: string) =>
    JSON.stringify({
      id: 'msg_0000000000000000000000',
      type: 'message',
      role: 'assistant',
      model: 'claude-haiku-4-5-20251001',
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 250, output_tokens: 400, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
    });
  const room = BODY_BYTES - message('').length;
  const head = [
    'HTTP/1.1 200 OK',
    'date: Thu, 01 Jan 2026 00:00:00 GMT',
    'content-type: application/json',
    `content-length: ${BODY_BYTES}`,
    'connection: keep-alive',
    'request-id: req_0000000000000000000000',
    'anthropic-organization-id: 00000000-0000-4000-8000-000000000000',
    'anthropic-ratelimit-requests-limit: 4000',
    'anthropic-ratelimit-requests-remaining: 3999',
    'anthropic-ratelimit-requests-reset: 2026-01-01T00:00:00Z',
    'anthropic-ratelimit-tokens-limit: 400000',
    'anthropic-ratelimit-tokens-remaining: 399000',
    'anthropic-ratelimit-tokens-reset: 2026-01-01T00:00:00Z',
    'server: bench',
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${message('moltbot '.repeat(room).slice(0, room))}`);
}
