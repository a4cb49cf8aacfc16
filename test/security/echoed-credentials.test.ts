import { once } from 'node:events';
import { type IncomingMessage, request as post } from 'node:http';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCanary } from '../fakes/canary.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import { type HostileUpstream, startHostileUpstream } from './hostile-upstream.ts';

let upstream: HostileUpstream;
beforeAll(async () => {
  upstream = await startHostileUpstream();
});
afterAll(() => upstream[Symbol.asyncDispose]());

const JSON_HEAD = { 'content-type': 'application/json' };
const STREAM = { ...SMALL, stream: true };

interface Seen {
  readonly status: number;
  readonly text: string;
  readonly leaks: readonly string[];
}

/** Everything of an answer that an agent can see: status line, headers, the bytes of the body and what they decode to. */
async function seenBy(body: unknown = SMALL): Promise<Seen> {
  const { gateway, key } = upstream;
  for (const { agentId, profileId, model } of gateway.health.list()) gateway.health.clear(agentId, profileId, model);
  const request = post(`${gateway.url}/v1/proxy/anthropic/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': gateway.token },
    agent: false,
  });
  request.end(JSON.stringify(body));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  // An answer that breaks off has shown what came until then.
  for await (const chunk of response.on('error', () => undefined)) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const head = `${response.statusMessage}\n${response.rawHeaders.join('\n')}`;
  const texts = {
    head,
    body: bytes,
    gunzipped: decoded(gunzipSync, bytes),
    unbrotlied: decoded(brotliDecompressSync, bytes),
  };
  return { status: response.statusCode!, text: bytes.toString(), leaks: findCanary(key, { texts }) };
}

function decoded(decode: (bytes: Buffer) => Buffer, bytes: Buffer): Buffer {
  try {
    return decode(bytes);
  } catch {
    return Buffer.alloc(0); // not encoded in this way
  }
}

const inBase64 = (key: string, before: string) => Buffer.from(`${before}${key}; and on`).toString('base64');
const FORMS: readonly (readonly [string, (key: string) => string])[] = [
  ['as it is', (key) => key],
  ['after Bearer', (key) => `Bearer ${key}`],
  ['several times', (key) => `${key}${key} ${key}`],
  ['in base64, first alignment', (key) => inBase64(key, '')],
  ['in base64, second alignment', (key) => inBase64(key, 'x')],
  ['in base64, third alignment', (key) => inBase64(key, 'xy')],
  ['in base64 alone, without padding', (key) => Buffer.from(key).toString('base64').replace(/=+$/, '')],
  ['in base64url', (key) => Buffer.from(`a: ${key}`).toString('base64url')],
  ['URL-encoded', (key) => `?key=${encodeURIComponent(key)}`],
  ['URL-encoded in lower case', (key) => encodeURIComponent(key).replace(/%../g, (code) => code.toLowerCase())],
];

describe('an upstream that repeats our credential', () => {
  it.each(FORMS)('in an error body, %s: the agent does not see it', async (_, form) => {
    upstream.answerWith((response, key) => {
      response.writeHead(400, JSON_HEAD).end(
        JSON.stringify({
          type: 'error',
          error: { type: 'invalid_request_error', message: `You sent ${form(key)}.` },
        }),
      );
    });
    const { status, text, leaks } = await seenBy();
    expect([status, leaks]).toEqual([400, []]);
    expect(text).toContain('[redacted by moltbot]');
  });

  it.each(FORMS)('in a header of a good answer and of an error, %s: the agent does not see it', async (_, form) => {
    for (const status of [200, 400]) {
      upstream.answerWith((response, key) => {
        response
          .writeHead(status, { ...JSON_HEAD, 'x-debug': `sent ${form(key)}`, 'request-id': form(key) })
          .end('{"id":"msg_1"}');
      });
      const seen = await seenBy();
      expect([seen.status, seen.leaks]).toEqual([status, []]);
    }
  });

  it.each(FORMS.slice(0, 3))('in a whole answer, %s: the agent does not see it', async (_, form) => {
    upstream.answerWith((response, key) => {
      response.writeHead(200, JSON_HEAD).end(JSON.stringify({ echo: form(key) }));
    });
    const { status, text, leaks } = await seenBy();
    expect([status, leaks]).toEqual([200, []]);
    expect(() => JSON.parse(text)).not.toThrow();
  });

  it('in a whole answer that is cut anywhere on its way: the agent does not see it', async () => {
    for (const size of [1, 2, 7, 20, 41]) {
      upstream.answerWith(async (response, key) => {
        response.writeHead(200, JSON_HEAD);
        await writeInPieces(response, JSON.stringify({ echo: key, again: `x${key}` }), size);
      });
      const { status, leaks, text } = await seenBy();
      expect([size, status, leaks]).toEqual([size, 200, []]);
      expect(JSON.parse(text)).toEqual({ echo: '[redacted by moltbot]', again: 'x[redacted by moltbot]' });
    }
  });

  it('in stream events that are cut anywhere on their way: the agent does not see it', async () => {
    for (const size of [1, 3, 16, 50, 4096]) {
      upstream.answerWith(async (response, key) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        await writeInPieces(response, events(key), size);
      });
      const { status, leaks, text } = await seenBy(STREAM);
      expect([size, status, leaks]).toEqual([size, 200, []]);
      expect(text).toContain('hello [redacted by moltbot]');
      expect(text.trimEnd().endsWith('{"type":"message_stop"}')).toBe(true);
    }
  });

  it.each(['gzip', 'br'])('in a %s answer that nobody asked for: the agent does not see it', async (encoding) => {
    const compress = encoding === 'gzip' ? gzipSync : brotliCompressSync;
    for (const [status, type, body] of [
      [400, 'application/json', (key: string) => JSON.stringify({ error: { message: key } })],
      [200, 'text/event-stream', events],
      [200, 'application/json', (key: string) => JSON.stringify({ echo: key })],
    ] as const) {
      upstream.answerWith((response, key) => {
        response.writeHead(status, { 'content-type': type, 'content-encoding': encoding }).end(compress(body(key)));
      });
      const { leaks } = await seenBy(type === 'text/event-stream' ? STREAM : SMALL);
      expect([status, type, leaks]).toEqual([status, type, []]);
    }
  });

  it('in an encoding that cannot be read: the agent gets no answer rather than the key', async () => {
    upstream.answerWith((response, key) => {
      response
        .writeHead(200, { ...JSON_HEAD, 'content-encoding': 'gzip, identity' })
        .end(JSON.stringify({ echo: key }));
    });
    expect((await seenBy()).leaks).toEqual([]);
  });

  it('in the text of its status line: the agent does not see it', async () => {
    upstream.answerWith((response, key) => {
      response.writeHead(400, `No ${key}`, JSON_HEAD).end('{}');
    });
    expect((await seenBy()).leaks).toEqual([]);
  });

  it('as a 401 that blames the key: neither the agent, nor the log, nor the database sees it', async () => {
    upstream.answerWith((response, key) => {
      response.writeHead(401, { ...JSON_HEAD, 'request-id': key }).end(
        JSON.stringify({
          type: 'error',
          error: { type: 'authentication_error', message: `invalid x-api-key ${key}` },
        }),
      );
    });
    const { status, leaks } = await seenBy();
    expect([status, leaks]).toEqual([401, []]);
    const log = upstream.gateway.logLines.join('\n');
    const states = JSON.stringify(upstream.gateway.health.list());
    expect(findCanary(upstream.key, { directories: [upstream.gateway.home], texts: { log, states } })).toEqual([]);
  });
});

function events(key: string): string {
  const start = {
    type: 'message_start',
    message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], model: 'm', usage: {} },
  };
  const delta = {
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text: `hello ${key} and ${key}` },
  };
  const all = [start, delta, { type: 'message_stop' }];
  return all.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

async function writeInPieces(response: { write(text: string): unknown; end(): unknown }, text: string, size: number) {
  for (let at = 0; at < text.length; at += size) {
    response.write(text.slice(at, at + size));
    if (at % (size * 8) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
}
