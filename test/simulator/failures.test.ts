import { once } from 'node:events';
import { request as startRequest } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ERROR_NAMES, ScriptInput } from '../../src/simulator/script-schema.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { call, eventsOf, open } from './call.ts';

type Fail = NonNullable<NonNullable<ScriptInput['rules']>[number]['fail']>;

const hi = { model: 'claude-haiku-4-5-20251001', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] };
const chat = { model: 'gpt-5.4-mini', messages: [{ role: 'user', content: 'Hi' }] };

let simulator: Simulator;
let key: string;
let openaiKey: string;
let xaiKey: string;

beforeAll(async () => {
  simulator = await startSimulator();
  key = simulator.issueKey('anthropic', 'work');
  openaiKey = simulator.issueKey('openai', 'work');
  xaiKey = simulator.issueKey('xai', 'work');
});
afterAll(() => simulator.close());

function request(stream = false) {
  const headers = { 'x-api-key': key, 'anthropic-version': '2023-06-01' };
  return { body: { ...hi, stream }, headers };
}
function messages(fail: Fail, stream = false) {
  simulator.setScript({ rules: [{ fail }] });
  return call(`${simulator.url}/v1/messages`, request(stream));
}
function completions(fail: Fail, stream = false, family: 'openai' | 'xai' = 'openai') {
  simulator.setScript({ rules: [{ fail }] });
  const headers = { authorization: `Bearer ${family === 'openai' ? openaiKey : xaiKey}` };
  return call(`${simulator.baseUrls[family]}/chat/completions`, { body: { ...chat, stream }, headers });
}

describe('error answers', () => {
  it.each<[(typeof ERROR_NAMES)[number], number, string, string?]>([
    ['invalid_request', 400, 'invalid_request_error'],
    ['credit_too_low', 400, 'invalid_request_error'],
    ['wrong_client', 400, 'invalid_request_error'],
    ['prompt_too_long', 400, 'invalid_request_error'],
    ['authentication', 401, 'authentication_error'],
    ['billing', 402, 'billing_error', 'linked_organization_spend_limit_reached'],
    ['permission', 403, 'permission_error'],
    ['oauth_revoked', 403, 'permission_error'],
    ['model_denied', 403, 'permission_error'],
    ['model_not_found', 404, 'not_found_error'],
    ['not_found', 404, 'not_found_error'],
    ['conflict', 409, 'conflict_error'],
    ['too_large', 413, 'request_too_large'],
    ['rate_limit', 429, 'rate_limit_error'],
    ['spend_limit', 429, 'rate_limit_error', 'enforced_spend_limit_reached'],
    ['insufficient_quota', 429, 'rate_limit_error', 'contract_spend_limit_reached'],
    ['usage_limit_reached', 429, 'rate_limit_error'],
    ['server_error', 500, 'api_error'],
    ['unavailable', 503, 'api_error'],
    ['timeout', 504, 'timeout_error'],
    ['overloaded', 529, 'overloaded_error'],
  ])('%s is Anthropic’s %i %s', async (error, status, type, code) => {
    const reply = await messages({ kind: 'error', error });
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.text)).toEqual({
      type: 'error',
      error: { type, message: expect.stringMatching(/./), ...(code ? { details: { error_code: code } } : {}) },
      request_id: reply.headers['request-id'],
    });
    expect(reply.headers['anthropic-ratelimit-requests-remaining']).toBeUndefined();
  });

  it.each<[(typeof ERROR_NAMES)[number], number, string, string | null]>([
    ['authentication', 401, 'invalid_request_error', 'invalid_api_key'],
    ['model_not_found', 404, 'invalid_request_error', 'model_not_found'],
    ['rate_limit', 429, 'requests', 'rate_limit_exceeded'],
    ['insufficient_quota', 429, 'insufficient_quota', 'insufficient_quota'],
    ['server_error', 500, 'server_error', null],
    ['overloaded', 503, 'server_error', 'engine_overloaded'],
  ])('%s is OpenAI’s %i %s %s', async (error, status, type, code) => {
    const reply = await completions({ kind: 'error', error });
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.text)).toEqual({
      error: { message: expect.stringMatching(/./), type, param: null, code },
    });
  });

  it.each<['object' | 'code-and-text' | 'text', unknown]>([
    ['object', { error: { message: 'no', type: 'requests', param: null, code: 'rate_limit_exceeded' } }],
    ['code-and-text', { code: 'rate_limit_exceeded', error: 'no' }],
    ['text', { error: 'no' }],
  ])('xAI says it in the shape %s', async (shape, body) => {
    const reply = await completions({ kind: 'error', error: 'rate_limit', shape, message: 'no' }, false, 'xai');
    expect(reply.status).toBe(429);
    expect(JSON.parse(reply.text)).toEqual(body);
  });

  it('a gateway in front of the provider answers 502 in html', async () => {
    const reply = await messages({ kind: 'error', error: 'bad_gateway_html' });
    expect([reply.status, reply.headers['content-type']]).toEqual([502, 'text/html']);
    expect(reply.text).toContain('<h1>Bad Gateway</h1>');
  });

  it('status, text, code and headers are the script’s when it sets them', async () => {
    const headers = { 'x-should-retry': 'false' };
    const fail = { kind: 'error', error: 'permission', status: 418, message: 'no', details: 'why', headers } as const;
    const reply = await messages(fail);
    expect([reply.status, reply.headers['x-should-retry']]).toEqual([418, 'false']);
    expect(JSON.parse(reply.text).error).toEqual({
      type: 'permission_error',
      message: 'no',
      details: { error_code: 'why' },
    });
  });
});

describe('when a 429 is over', () => {
  type Style = NonNullable<Extract<Fail, { kind: 'error' }>['resets']>[number]['style'];
  const at = (text: unknown) => Math.round((Date.parse(String(text)) - Date.now()) / 1000);
  const epoch = (text: unknown) => Math.round(Number(text) - Date.now() / 1000);

  it.each<[Style, string, (value: unknown) => unknown, unknown]>([
    ['retry-after', 'retry-after', String, '90'],
    ['retry-after-date', 'retry-after', at, expect.closeTo(90, -0.5)],
    ['retry-after-ms', 'retry-after-ms', String, '90000'],
    ['anthropic-requests', 'anthropic-ratelimit-requests-reset', at, 90],
    ['anthropic-tokens', 'anthropic-ratelimit-tokens-reset', at, 90],
    ['unified-five-hour', 'anthropic-ratelimit-unified-reset', epoch, expect.closeTo(90, -0.5)],
    ['unified-seven-day', 'anthropic-ratelimit-unified-7d-reset', epoch, expect.closeTo(90, -0.5)],
    ['openai-requests', 'x-ratelimit-reset-requests', String, '1m30s'],
    ['openai-tokens', 'x-ratelimit-reset-tokens', String, '1m30s'],
  ])('%s says it in %s', async (style, header, read, expected) => {
    const { headers } = await messages({ kind: 'error', error: 'rate_limit', resets: [{ style, seconds: 90 }] });
    expect(read(headers[header])).toEqual(expected);
  });

  it('says which limit is used up', async () => {
    const resets = [{ style: 'anthropic-requests' }, { style: 'unified-five-hour' }] as const;
    const { headers } = await messages({ kind: 'error', error: 'rate_limit', resets: [...resets] });
    expect(headers['anthropic-ratelimit-requests-remaining']).toBe('0');
    expect(headers['anthropic-ratelimit-unified-status']).toBe('rejected');
    expect(headers['anthropic-ratelimit-unified-representative-claim']).toBe('five_hour');
  });
});

describe('broken connections', () => {
  it('resets before headers', async () => {
    await expect(messages({ kind: 'reset' })).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('resets a stream after the events asked for', async () => {
    const reply = await messages({ kind: 'reset', afterEvents: 4 }, true);
    expect(reply.broken).toBe(true);
    expect(eventsOf(reply.text)).toHaveLength(4);
    expect(simulator.requests.at(-1)).toMatchObject({ failure: 'reset', eventsSent: 4, closedEarly: false });
  });

  it('ends a stream cleanly without its terminal event', async () => {
    const reply = await completions({ kind: 'truncate', afterEvents: 2 }, true);
    expect(reply.broken).toBe(false);
    expect(eventsOf(reply.text)).toHaveLength(2);
    expect(reply.text).not.toContain('[DONE]');
  });

  it('ends a whole answer short of its content-length', async () => {
    const reply = await messages({ kind: 'truncate' });
    expect(reply.broken).toBe(true);
    expect(reply.bytes.length).toBe(Math.floor(Number(reply.headers['content-length']) / 2));
  });

  it.each([
    ['messages', '"type":"overloaded_error","message":"busy"'],
    ['chat', '"message":"busy","type":"server_error","param":null,"code":"engine_overloaded"'],
  ])('sends an error event of %s and ends', async (dialect, text) => {
    const send = dialect === 'messages' ? messages : completions;
    const reply = await send({ kind: 'stream-error', message: 'busy', afterEvents: 2 }, true);
    const events = eventsOf(reply.text);
    expect(events).toHaveLength(3);
    expect(events[2]!.name).toBe(dialect === 'messages' ? 'error' : undefined);
    expect(events[2]!.data).toContain(text);
    expect(reply.status).toBe(200);
  });

  it('sends an event that is not JSON and goes on', async () => {
    const events = eventsOf((await messages({ kind: 'garbage', afterEvents: 2 }, true)).text);
    expect(() => JSON.parse(events[2]!.data)).toThrow();
    expect(events.at(-1)!.name).toBe('message_stop');
  });

  it.each([
    ['before headers', undefined, 0],
    ['after events', 3, 3],
  ])('falls silent %s and notes when the client leaves', async (_, afterEvents, count) => {
    simulator.setScript({ rules: [{ fail: { kind: 'silence', afterEvents } }] });
    const sent = open(`${simulator.url}/v1/messages`, { ...request(true), method: 'POST' });
    sent.on('error', () => {});
    if (afterEvents !== undefined) await once(sent, 'response');
    await expect.poll(() => simulator.requests.at(-1)?.eventsSent).toBe(count);
    await expect.poll(() => simulator.requests.at(-1)?.bodyAtMs).not.toBeNull();
    expect(simulator.requests.at(-1)).toMatchObject({ closedEarly: false, endedAtMs: null });
    sent.destroy();
    await expect.poll(() => simulator.requests.at(-1)?.closedEarly).toBe(true);
  });

  it('answers before the body was sent', async () => {
    simulator.setScript({ rules: [{ route: 'files', fail: { kind: 'early' } }] });
    const upload = startRequest(`${simulator.url}/v1/files`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-length': '1000000' },
    });
    upload.on('error', () => {});
    upload.write('x');
    const [response] = await once(upload, 'response');
    expect(response.statusCode).toBe(413);
    upload.destroy();
  });
});

describe('answers that are not what they should be', () => {
  const decoders = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync, deflate: inflateSync };

  it.each(['gzip', 'br', 'zstd', 'deflate'] as const)(
    'encodes with %s although identity was asked for',
    async (encoding) => {
      for (const stream of [false, true]) {
        const reply = await messages({ kind: 'encode', encoding }, stream);
        expect(reply.headers['content-encoding']).toBe(encoding);
        expect(decoders[encoding](reply.bytes).toString()).toContain(
          stream ? 'event: message_stop' : '"type":"message"',
        );
      }
    },
  );

  it('redirects', async () => {
    const reply = await messages({ kind: 'redirect', location: 'https://elsewhere.example/' });
    expect([reply.status, reply.headers.location]).toEqual([302, 'https://elsewhere.example/']);
  });

  it('adds headers, one of them twice', async () => {
    const headers = { 'set-cookie': ['a=1', 'b=2'], 'strict-transport-security': 'max-age=1' };
    const reply = await messages({ kind: 'headers', headers });
    expect(reply.status).toBe(200);
    expect(reply.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(reply.headers['strict-transport-security']).toBe('max-age=1');
  });

  it.each([
    ['error', false],
    ['header', false],
    ['body', false],
    ['event', true],
  ] as const)('echoes the credential in its %s, plain and encoded', async (where, stream) => {
    const forms = { plain: key, base64: Buffer.from(key).toString('base64'), url: encodeURIComponent(key) };
    for (const encoding of ['plain', 'base64', 'url'] as const) {
      const reply = await messages({ kind: 'echo', where, encoding }, stream);
      expect(where === 'header' ? reply.headers['x-echo'] : reply.text).toContain(forms[encoding]);
      expect(reply.status).toBe(where === 'error' ? 400 : 200);
    }
  });

  it('never ends, and stops when the client leaves', async () => {
    simulator.setScript({ rules: [{ fail: { kind: 'endless' } }] });
    for (const stream of [true, false]) {
      const sent = open(`${simulator.url}/v1/messages`, request(stream));
      sent.on('error', () => {});
      const [response] = await once(sent, 'response');
      let bytes = 0;
      response.on('error', () => {});
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      await expect.poll(() => bytes).toBeGreaterThan(1_000_000);
      sent.destroy();
      await expect.poll(() => simulator.requests.at(-1)?.closedEarly).toBe(true);
    }
  });

  it('sends few bytes that unpack to many', async () => {
    const reply = await messages({ kind: 'gzip-bomb', megabytes: 20 });
    expect(reply.bytes.length).toBeLessThan(100_000);
    expect(gunzipSync(reply.bytes).length).toBe(20 * 1_048_576);
  });
});

describe('pace', () => {
  it('waits for the first byte and between events', async () => {
    simulator.setScript({ pacing: { firstByteMs: 80, perEventMs: 20 } });
    const reply = await call(`${simulator.url}/v1/messages`, request(true));
    expect(reply.chunkAtMs[0]).toBeGreaterThanOrEqual(75);
    expect(reply.chunkAtMs.at(-1)! - reply.chunkAtMs[0]!).toBeGreaterThanOrEqual(100);
    expect(reply.chunkAtMs.length).toBeGreaterThan(5);
  });

  it('sends headers at once and the first event late', async () => {
    simulator.setScript({ pacing: { firstEventMs: 80 } });
    const sent = open(`${simulator.url}/v1/messages`, request(true));
    const [response] = await once(sent, 'response');
    const startMs = performance.now();
    await once(response, 'data');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(60);
    sent.destroy();
  });

  it('pings while it is silent', async () => {
    simulator.setScript({ pacing: { pingEveryMs: 20 }, rules: [{ fail: { kind: 'silence', afterEvents: 1 } }] });
    const sent = open(`${simulator.url}/v1/messages`, request(true));
    sent.on('error', () => {});
    const [response] = await once(sent, 'response');
    let text = '';
    response.on('error', () => {});
    response.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    await expect.poll(() => text.split('event: ping').length).toBeGreaterThan(3);
    sent.destroy();
  });

  it('cuts events anywhere without changing a byte', async () => {
    const answer = { text: 'Grüße, 世界 🎉', deltas: 1 };
    simulator.setScript({ answer, pacing: { pieceBytes: 7 } });
    const pieces = await call(`${simulator.url}/v1/messages`, request(true));
    expect(pieces.chunkAtMs.length).toBeGreaterThan(20);
    expect(eventsOf(pieces.text).at(3)!.data).toContain(answer.text);
  });
});
