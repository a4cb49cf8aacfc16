import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { call, eventsOf } from './call.ts';

const VERSION = { 'anthropic-version': '2023-06-01' };
const hi = { model: 'claude-haiku-4-5-20251001', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] };

let simulator: Simulator;
let key: string;
let token: string;

beforeAll(async () => {
  simulator = await startSimulator();
  key = simulator.issueKey('anthropic', 'work');
  token = simulator.issueKey('anthropic', 'work', 'token');
});
beforeEach(() => simulator.setScript({}));
afterAll(() => simulator.close());

function send(body: object, headers: Record<string, string> = { 'x-api-key': key, ...VERSION }, path = 'messages') {
  return call(`${simulator.url}/v1/${path}`, { body, headers });
}

describe('messages', () => {
  it('answers the test call of onboarding with id, type and content', async () => {
    const reply = await send(hi);
    const { id, usage, ...rest } = JSON.parse(reply.text);
    expect(id).toMatch(/^msg_/);
    expect(usage.output_tokens).toBeGreaterThan(0);
    expect(rest).toEqual({
      type: 'message',
      role: 'assistant',
      model: hi.model,
      content: [{ type: 'text', text: 'This is a simulated answer: the provider behind it is a simulator.' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
    });
  });

  it('marks the answer as simulated, with request id, organization and what is left of the limits', async () => {
    const { headers } = await send(hi);
    expect(headers['x-moltbot-simulated']).toBe('1');
    expect(headers['request-id']).toMatch(/^req_/);
    expect(headers['anthropic-organization-id']).toBe('org_simulated');
    expect(headers['anthropic-ratelimit-requests-remaining']).toBe('3999');
    expect(headers['anthropic-ratelimit-tokens-reset']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it('streams events by name in the order of the grammar', async () => {
    simulator.setScript({ answer: { text: 'one two three', deltas: 3 } });
    const reply = await send({ ...hi, stream: true });
    expect(reply.headers['content-type']).toMatch(/^text\/event-stream/);
    const events = eventsOf(reply.text);
    expect(events.every(({ name, data }) => name === JSON.parse(data).type)).toBe(true);
    expect(events.map(({ name }) => name)).toEqual([
      'message_start',
      'ping',
      'content_block_start',
      ...['content_block_delta', 'content_block_delta', 'content_block_delta'],
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(reply.text.match(/"text":"[^"]*"/g)).toEqual([
      '"text":""',
      '"text":"one "',
      '"text":"two "',
      '"text":"three"',
    ]);
  });

  it('streams thinking and a tool call when the script asks for them', async () => {
    simulator.setScript({
      answer: { text: 'x', thinking: 'hm', toolUse: { name: 'Bash', input: { command: 'ls -l' } } },
    });
    const events = eventsOf((await send({ ...hi, stream: true })).text).map(({ data }) => JSON.parse(data));
    const starts = events.filter(({ type }) => type === 'content_block_start');
    expect(starts.map(({ index, content_block }) => [index, content_block.type])).toEqual([
      [0, 'thinking'],
      [1, 'text'],
      [2, 'tool_use'],
    ]);
    const json = events.map(({ delta }) => delta?.partial_json ?? '').join('');
    expect(JSON.parse(json)).toEqual({ command: 'ls -l' });
    expect(events.find(({ type }) => type === 'message_delta').delta.stop_reason).toBe('tool_use');
  });

  it('reports the usage a script sets, split by cache lifetime at the start and cumulative at the end', async () => {
    const split = { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 };
    const usage = {
      input_tokens: 7,
      cache_creation_input_tokens: 300,
      cache_read_input_tokens: 50,
      cache_creation: split,
      output_tokens: 9,
    };
    simulator.setScript({ answer: { usage } });
    const events = eventsOf((await send({ ...hi, stream: true })).text).map(({ data }) => JSON.parse(data));
    expect(events[0].message.usage).toMatchObject({ ...usage, output_tokens: 1 });
    expect(events.at(-2).usage).toEqual({
      input_tokens: 7,
      cache_creation_input_tokens: 300,
      cache_read_input_tokens: 50,
      output_tokens: 9,
      server_tool_use: null,
    });
  });

  it('counts a one-hour mark as a one-hour cache write', async () => {
    const mark = { cache_control: { type: 'ephemeral', ttl: '1h' } };
    const { usage } = JSON.parse((await send({ ...hi, system: [{ type: 'text', text: 'long', ...mark }] })).text);
    expect(usage.cache_creation.ephemeral_1h_input_tokens).toBe(usage.cache_creation_input_tokens);
    expect(usage.cache_creation_input_tokens).toBeGreaterThan(0);
  });

  it('counts tokens and says hello', async () => {
    const { max_tokens: _, ...body } = hi;
    const counted = await send(body, undefined, 'messages/count_tokens');
    expect(JSON.parse(counted.text)).toEqual({ input_tokens: Math.ceil(JSON.stringify(body).length / 4) });
    const hello = await call(`${simulator.url}/anthropic/api/hello`, { method: 'HEAD' });
    expect(hello.status).toBe(200);
  });
});

describe('what Messages refuses', () => {
  const text = (cache_control: object) => ({ type: 'text', text: 'x', cache_control });
  const short = { type: 'ephemeral' };
  const long = { type: 'ephemeral', ttl: '1h' };
  const newer = { 'anthropic-version': '2026-10-21' };
  const system = (...marks: object[]) => ({ ...hi, system: marks.map(text) });
  const said = (role: string, block: object) => ({ ...hi, messages: [{ role, content: [block] }] });

  it.each<[string, object, object, number, string, string]>([
    [
      'no version',
      hi,
      { 'anthropic-version': '' },
      400,
      'invalid_request_error',
      'anthropic-version: header is required',
    ],
    ['no model', { messages: hi.messages }, {}, 400, 'invalid_request_error', 'model: Field required'],
    ['no max_tokens', { ...hi, max_tokens: undefined }, {}, 400, 'invalid_request_error', 'max_tokens: Field required'],
    [
      'no messages',
      { ...hi, messages: [] },
      {},
      400,
      'invalid_request_error',
      'messages: at least one message is required',
    ],
    ['an unknown model', { ...hi, model: 'foo' }, {}, 404, 'not_found_error', 'model: foo'],
    [
      'five cache marks',
      system(short, short, short, short, short),
      {},
      400,
      'invalid_request_error',
      'A maximum of 4 blocks with cache_control may be provided. Found 5.',
    ],
    [
      'one hour after five minutes',
      system(short, long),
      {},
      400,
      'invalid_request_error',
      "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block.",
    ],
    [
      'one hour at the top after five minutes inside',
      { ...system(short), cache_control: long },
      {},
      400,
      'invalid_request_error',
      "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block.",
    ],
    [
      'temperature with the newer version',
      { ...hi, temperature: 1 },
      newer,
      400,
      'invalid_request_error',
      'temperature: is not supported with anthropic-version 2026-10-21',
    ],
    [
      'a document of the assistant with the newer version',
      said('assistant', { type: 'document' }),
      newer,
      400,
      'invalid_request_error',
      'messages: document blocks are user content',
    ],
    [
      "citations in a user's text with the newer version",
      said('user', { type: 'text', text: 'x', citations: [{}] }),
      newer,
      400,
      'invalid_request_error',
      'messages: text blocks of a user may not have citations',
    ],
  ])('%s', async (_, body, extra, status, type, message) => {
    const headers: Record<string, string> = { 'x-api-key': key, ...VERSION, ...extra };
    if (headers['anthropic-version'] === '') delete headers['anthropic-version'];
    const reply = await send(body, headers);
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.text)).toEqual({
      type: 'error',
      error: { type, message },
      request_id: reply.headers['request-id'],
    });
  });

  it('takes marks in the right order, system messages among the messages and fields it does not know', async () => {
    const messages = [...hi.messages, { role: 'system', content: 'env' }];
    const reply = await send({ ...system(long, short), messages, context_management: {}, temperature: 0.5 });
    expect(reply.status).toBe(200);
  });
});

describe('credentials', () => {
  const oauth = { 'anthropic-beta': 'claude-code-20250219, oauth-2025-04-20' };

  it('issues keys of the shapes people paste', () => {
    expect(key).toMatch(/^sk-ant-sim-[a-zA-Z0-9\-_]{20,}$/);
    expect(token).toMatch(/^sk-ant-oat01-sim[a-zA-Z0-9\-_]+$/);
    expect(token.length).toBeGreaterThanOrEqual(80);
    expect(simulator.issueKey('xai', 'a')).toMatch(/^xai-sim-[a-zA-Z0-9\-_]{20,}$/);
    expect(simulator.issueKey('openai', 'a')).toMatch(/^sk-sim-[a-zA-Z0-9\-_]{20,}$/);
  });

  it.each<[string, () => Record<string, string>, number, string?]>([
    ['an API key as x-api-key', () => ({ 'x-api-key': key }), 200],
    ['an API key as Bearer', () => ({ authorization: `Bearer ${key}` }), 200],
    ['a setup-token as Bearer with its beta', () => ({ authorization: `Bearer ${token}`, ...oauth }), 200],
    [
      'a setup-token without its beta',
      () => ({ authorization: `Bearer ${token}` }),
      401,
      'OAuth authentication is currently not supported.',
    ],
    ['a setup-token as x-api-key', () => ({ 'x-api-key': token, ...oauth }), 401, 'invalid x-api-key'],
    ['an unknown key', () => ({ 'x-api-key': 'sk-ant-sim-unknown' }), 401, 'invalid x-api-key'],
    ['an unknown bearer', () => ({ authorization: 'Bearer mbt_x' }), 401, 'Invalid bearer token'],
    ['no key', () => ({}), 401, 'x-api-key header is required'],
    ["another provider's key", () => ({ 'x-api-key': simulator.issueKey('xai', 'a') }), 401, 'invalid x-api-key'],
  ])('%s', async (_, credential, status, message) => {
    const reply = await send(hi, { ...VERSION, ...credential() });
    expect(reply.status).toBe(status);
    if (message) expect(JSON.parse(reply.text).error).toEqual({ type: 'authentication_error', message });
  });

  it('shows subscription limits to a setup-token', async () => {
    const { headers } = await send(hi, { authorization: `Bearer ${token}`, ...oauth, ...VERSION });
    expect(headers['anthropic-ratelimit-unified-status']).toBe('allowed');
    expect(Number(headers['anthropic-ratelimit-unified-reset'])).toBeGreaterThan(Date.now() / 1000);
  });

  it('takes any credential and none when told to', async () => {
    await using any = disposable(await startSimulator({ acceptAny: true }));
    for (const headers of [VERSION, { ...VERSION, 'x-api-key': 'anything' }]) {
      expect((await call(`${any.url}/v1/messages`, { body: hi, headers })).status).toBe(200);
    }
  });
});

describe('models, batches and files', () => {
  const headers = { ...VERSION };
  const get = (path: string) => call(`${simulator.url}${path}`, { headers: { ...headers, 'x-api-key': key } });

  it('lists models page by page', async () => {
    const page = JSON.parse((await get('/v1/models?limit=2')).text);
    expect(page).toMatchObject({ has_more: true, first_id: page.data[0].id, last_id: page.data[1].id });
    const next = JSON.parse((await get(`/v1/models?limit=1000&after_id=${page.last_id}`)).text);
    expect(next.has_more).toBe(false);
    const ids = [...page.data, ...next.data].map(({ id }) => id);
    expect(ids).toContain('claude-opus-5-5');
    expect(ids.every((id) => id.startsWith('claude-'))).toBe(true);
    expect(JSON.parse((await get('/v1/models/claude-opus-5-5')).text)).toMatchObject({
      type: 'model',
      id: 'claude-opus-5-5',
    });
    expect((await get('/v1/models/foo')).status).toBe(404);
  });

  it('keeps batches with an absolute results_url, for their owner only', async () => {
    const body = { requests: [{ custom_id: 'a', params: hi }] };
    const made = JSON.parse((await send(body, { 'x-api-key': key, ...VERSION }, 'messages/batches')).text);
    expect(made.results_url).toBe(`${simulator.url}/v1/messages/batches/${made.id}/results`);
    const lines = (await get(`/v1/messages/batches/${made.id}/results`)).text.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).custom_id)).toEqual(['a']);
    const other = { ...VERSION, 'x-api-key': simulator.issueKey('anthropic', 'other') };
    expect((await call(`${simulator.url}/v1/messages/batches/${made.id}`, { headers: other })).status).toBe(404);
    const cancel = `${simulator.url}/v1/messages/batches/${made.id}/cancel`;
    const cancelled = await call(cancel, { method: 'POST', headers: { ...VERSION, 'x-api-key': key } });
    expect(JSON.parse(cancelled.text).request_counts.canceled).toBe(1);
  });

  it('stores an uploaded file and gives the same bytes back', async () => {
    const bytes = Buffer.from([0, 1, 2, 13, 10, 45, 45, 255]);
    const body = Buffer.concat([
      Buffer.from('--b0\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n'),
      Buffer.from('content-type: application/octet-stream\r\n\r\n'),
      bytes,
      Buffer.from('\r\n--b0--\r\n'),
    ]);
    const multipart = { ...VERSION, 'x-api-key': key, 'content-type': 'multipart/form-data; boundary=b0' };
    const made = JSON.parse((await call(`${simulator.url}/v1/files`, { body, headers: multipart })).text);
    expect(made).toMatchObject({ type: 'file', filename: 'a.bin', size_bytes: bytes.length });
    expect((await get(`/v1/files/${made.id}/content`)).bytes).toEqual(bytes);
    expect(JSON.parse((await get('/v1/files')).text).data.map(({ id }: { id: string }) => id)).toEqual([made.id]);
    const remove = { method: 'DELETE', headers: { ...VERSION, 'x-api-key': key } };
    expect(JSON.parse((await call(`${simulator.url}/v1/files/${made.id}`, remove)).text)).toEqual({
      id: made.id,
      type: 'file_deleted',
    });
    expect((await get(`/v1/files/${made.id}`)).status).toBe(404);
  });
});

function disposable(started: Simulator): Simulator & AsyncDisposable {
  return Object.assign(started, { [Symbol.asyncDispose]: () => started.close() });
}
