import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What came back over one socket, as text. */
export interface RawAnswer {
  readonly text: string;
  /** Of every answer that came, in order. */
  readonly statuses: readonly number[];
  /** Whether the other side closed the connection (or reset it). */
  readonly closed: boolean;
}

/** A port of loopback, or the path of a Unix socket. */
export type Listener = number | string;

/**
 * Sends bytes exactly as they are, where an HTTP client would mend or refuse them. Waits for the other side to close, at
 * most `waitMs`. Several parts are sent one after another, a moment apart.
 */
export async function sendRaw(
  listener: Listener,
  parts: string | readonly (string | Buffer)[],
  waitMs = 3_000,
): Promise<RawAnswer> {
  const socket = typeof listener === 'number' ? connect(listener, '127.0.0.1') : connect(listener);
  const chunks: Buffer[] = [];
  const ended = new Promise<boolean>((resolve) => {
    socket.on('data', (chunk) => chunks.push(chunk));
    // A reset after the answer is a way of closing, too.
    socket.on('error', () => resolve(true));
    socket.on('close', () => resolve(true));
  });
  for (const [index, part] of [parts].flat().entries()) {
    if (index > 0) await sleep(20);
    if (socket.destroyed) break;
    socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
  }
  const closed = await Promise.race([ended, sleep(waitMs, false)]);
  socket.destroy();
  const text = Buffer.concat(chunks).toString('latin1');
  return { text, statuses: statusesIn(text), closed };
}

/** An answer may begin right behind the last byte of the one before. */
function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map((match) => Number(match[1]));
}

/** One whole request with `connection: close`. Headers are lines as they are to go out. */
export function requestText(line: string, headers: readonly string[], body = ''): string {
  const lines = [line, ...headers, 'connection: close'];
  if (body !== '') lines.push(`content-length: ${Buffer.byteLength(body)}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
