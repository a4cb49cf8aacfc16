import { type ClientRequest, type IncomingMessage, request } from 'node:http';

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | Buffer | object;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
  readonly text: string;
  /** The connection broke before the answer was whole. */
  readonly broken: boolean;
  /** When each chunk came, in ms after the call. */
  readonly chunkAtMs: readonly number[];
}

/** One request over a connection of its own; rejects when it breaks before headers. */
export function call(url: string, options: CallOptions = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    const sent = open(url, options);
    sent.on('error', reject);
    sent.on('response', (response) => {
      // From here on a break is part of the answer.
      sent.off('error', reject).on('error', () => {});
      const chunks: Buffer[] = [];
      const chunkAtMs: number[] = [];
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        chunkAtMs.push(performance.now() - startMs);
      });
      response.on('error', () => {});
      response.on('close', () => {
        const bytes = Buffer.concat(chunks);
        const { statusCode: status = 0, headers, complete } = response;
        resolve({ status, headers, bytes, text: bytes.toString('utf8'), broken: !complete, chunkAtMs });
      });
    });
  });
}

/** The request itself, for tests that leave in the middle. */
export function open(url: string, { method, headers = {}, body }: CallOptions): ClientRequest {
  const bytes = typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : body;
  const sent = request(url, { method: method ?? (body === undefined ? 'GET' : 'POST'), headers, agent: false });
  sent.end(bytes);
  return sent;
}

export interface Event {
  readonly name: string | undefined;
  readonly data: string;
}

/** The events of an SSE body. */
export function eventsOf(text: string): Event[] {
  return text
    .split('\n\n')
    .filter((block) => block.includes('data: '))
    .map((block) => ({
      name: /^event: (.*)$/m.exec(block)?.[1],
      data: /^data: (.*)$/m.exec(block)![1]!,
    }));
}
