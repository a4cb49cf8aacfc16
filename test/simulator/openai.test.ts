import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { call, eventsOf } from './call.ts';

const chat = { model: 'gpt-5.4-mini', max_completion_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] };
const grok = { model: 'grok-4-fast', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] };

let simulator: Simulator;
let openaiKey: string;
let xaiKey: string;

beforeAll(async () => {
  simulator = await startSimulator();
  openaiKey = simulator.issueKey('openai', 'work');
  xaiKey = simulator.issueKey('xai', 'work');
});
beforeEach(() => simulator.setScript({ answer: { text: 'one two', deltas: 2 } }));
afterAll(() => simulator.close());

const openai = (path: string, body?: object, method?: string) =>
  call(`${simulator.baseUrls.openai}/${path}`, {
    headers: { authorization: `Bearer ${openaiKey}` },
    ...(body ? { body } : {}),
    ...(method ? { method } : {}),
  });
const xai = (path: string, body: object) =>
  call(`${simulator.baseUrls.xai}/${path}`, { body, headers: { authorization: `Bearer ${xaiKey}` } });
const jsonEvents = (text: string) =>
  eventsOf(text)
    .filter(({ data }) => data !== '[DONE]')
    .map(({ data }) => JSON.parse(data));

describe('chat completions', () => {
  it("answers both providers' test calls", async () => {
    for (const reply of [await openai('chat/completions', chat), await xai('chat/completions', grok)]) {
      const { id, model, choices, usage } = JSON.parse(reply.text);
      expect(id).toMatch(/^chatcmpl-/);
      expect([chat.model, grok.model]).toContain(model);
      expect(choices).toEqual([
        {
          index: 0,
          message: { role: 'assistant', content: 'one two', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ]);
      expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
      expect(reply.headers['x-request-id']).toMatch(/^req_/);
      expect(reply.headers['x-ratelimit-reset-requests']).toBe('12ms');
    }
  });

  it('adds the cost in ticks to what xAI reports', async () => {
    const usage = async (reply: ReturnType<typeof xai>) => JSON.parse((await reply).text).usage.cost_in_usd_ticks;
    expect(await usage(xai('chat/completions', grok))).toBeGreaterThan(10_000);
    expect(await usage(openai('chat/completions', chat))).toBeUndefined();
  });

  it('streams without usage unless it is asked for', async () => {
    const { text } = await openai('chat/completions', { ...chat, stream: true });
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    const chunks = jsonEvents(text);
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false);
    expect(chunks.map(({ choices }) => [choices[0].delta.content, choices[0].finish_reason])).toEqual([
      ['', null],
      ['one ', null],
      ['two', null],
      [undefined, 'stop'],
    ]);
  });

  it('with include_usage says null in every chunk and the figures in one more without choices', async () => {
    const body = { ...chat, stream: true, stream_options: { include_usage: true } };
    const chunks = jsonEvents((await openai('chat/completions', body)).text);
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 2 } });
  });

  it('calls a tool when the script asks for it', async () => {
    simulator.setScript({ answer: { toolUse: { name: 'shell', input: { cmd: 'ls' } } } });
    const chunks = jsonEvents((await openai('chat/completions', { ...chat, stream: true })).text);
    const calls = chunks.flatMap(({ choices }) => choices[0].delta.tool_calls ?? []);
    expect(calls[0].function.name).toBe('shell');
    expect(JSON.parse(calls.map((part) => part.function.arguments).join(''))).toEqual({ cmd: 'ls' });
    expect(chunks.at(-1).choices[0].finish_reason).toBe('tool_calls');
  });
});

describe('responses', () => {
  const body = { model: 'gpt-5', input: 'Hi' };

  it('streams the whole sequence, numbered, with usage only in the last event', async () => {
    const events = eventsOf((await openai('responses', { ...body, stream: true })).text);
    const parsed = events.map(({ data }) => JSON.parse(data));
    expect(parsed.map(({ sequence_number }) => sequence_number)).toEqual(parsed.map((_, index) => index));
    expect(parsed.map(({ type }) => type)).toEqual(events.map(({ name }) => name));
    expect(events.map(({ name }) => name)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(parsed.slice(0, -1).some(({ response }) => response?.usage)).toBe(false);
    expect(parsed.at(-1).response.usage).toMatchObject({
      output_tokens: 2,
      input_tokens_details: { cached_tokens: 0 },
    });
  });

  it.each([
    ['failed', 'failed', { error: { code: 'server_error', message: expect.any(String) }, incomplete_details: null }],
    ['max_output_tokens', 'incomplete', { error: null, incomplete_details: { reason: 'max_output_tokens' } }],
  ])('ends as %s when the script says so', async (stopReason, status, fields) => {
    simulator.setScript({ answer: { stopReason } });
    const last = eventsOf((await openai('responses', { ...body, stream: true })).text).at(-1)!;
    expect(last.name).toBe(`response.${status}`);
    expect(JSON.parse(last.data).response).toMatchObject({ status, ...fields });
  });

  it('keeps a response for its owner: get, go on from it, cancel, delete', async () => {
    const { id } = JSON.parse((await openai('responses', body)).text);
    expect(JSON.parse((await openai(`responses/${id}`)).text)).toMatchObject({ id, status: 'completed' });
    expect((await openai('responses', { ...body, previous_response_id: id })).status).toBe(200);
    const foreign = await xai('responses', { model: 'grok-4-fast', input: 'x', previous_response_id: id });
    expect(foreign.status).toBe(400);
    expect(JSON.parse((await openai(`responses/${id}/cancel`, {})).text).status).toBe('cancelled');
    expect(JSON.parse((await openai(`responses/${id}`, undefined, 'DELETE')).text).deleted).toBe(true);
    expect((await openai(`responses/${id}`)).status).toBe(404);
  });

  it('forgets a response that is not to be stored, and queues one for the background', async () => {
    const { id } = JSON.parse((await openai('responses', { ...body, store: false })).text);
    expect((await openai(`responses/${id}`)).status).toBe(404);
    const queued = JSON.parse((await openai('responses', { ...body, background: true })).text);
    expect(queued).toMatchObject({ status: 'queued', output: [], usage: null });
    expect(JSON.parse((await openai(`responses/${queued.id}`)).text).status).toBe('completed');
  });
});

describe('the rest', () => {
  it('embeds as numbers or as base64 of 32-bit floats', async () => {
    const body = { model: 'text-embedding-3-small', input: ['a', 'b'] };
    const numbers = JSON.parse((await openai('embeddings', body)).text).data;
    const coded = JSON.parse((await openai('embeddings', { ...body, encoding_format: 'base64' })).text).data;
    const floats = new Float32Array(new Uint8Array(Buffer.from(coded[1].embedding, 'base64')).buffer);
    expect([...floats]).toEqual(numbers[1].embedding);
    expect(numbers).toHaveLength(2);
  });

  it("lists each provider's own models", async () => {
    const ids = JSON.parse((await openai('models')).text).data.map(({ id }: { id: string }) => id);
    expect(ids).toContain('gpt-5.4-mini');
    expect(ids.some((id: string) => /^(claude|grok)/.test(id))).toBe(false);
    expect(JSON.parse((await openai('models/gpt-5')).text)).toMatchObject({ id: 'gpt-5', object: 'model' });
  });

  it('makes a batch of an uploaded file, and files of its answers and of what it refused', async () => {
    const line = (custom_id: string, model: string) => JSON.stringify({ custom_id, body: { model, input: 'Hi' } });
    const head = '--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b\r\n';
    const file = 'content-disposition: form-data; name="file"; filename="in.jsonl"';
    const upload = await call(`${simulator.baseUrls.openai}/files`, {
      body: Buffer.from(`${head}${file}\r\n\r\n${line('a', 'gpt-5')}\n${line('b', 'gpt-none')}\n\r\n--b--`),
      headers: { authorization: `Bearer ${openaiKey}`, 'content-type': 'multipart/form-data; boundary="b"' },
    });
    const { id, purpose } = JSON.parse(upload.text);
    expect(purpose).toBe('batch');
    const made = await openai('batches', { input_file_id: id, endpoint: '/v1/responses', completion_window: '24h' });
    const batch = JSON.parse(made.text);
    expect(batch).toMatchObject({
      object: 'batch',
      status: 'completed',
      input_file_id: id,
      request_counts: { total: 2, completed: 1, failed: 1 },
    });
    const results = async (fileId: string) => JSON.parse((await openai(`files/${fileId}/content`)).text);
    expect(await results(batch.output_file_id)).toMatchObject({
      id: expect.stringMatching(/^batch_req_/),
      custom_id: 'a',
      response: {
        status_code: 200,
        body: { object: 'response', model: 'gpt-5', usage: { total_tokens: expect.any(Number) } },
      },
      error: null,
    });
    expect(await results(batch.error_file_id)).toMatchObject({
      custom_id: 'b',
      response: { status_code: 404, body: { error: { code: 'model_not_found' } } },
    });
    expect(JSON.parse((await openai(`batches/${batch.id}/cancel`, {})).text).status).toBe('cancelled');
    expect((await openai('batches', { input_file_id: 'file-none' })).status).toBe(400);
    expect((await openai('batches', { input_file_id: id, endpoint: '/v1/images' })).status).toBe(400);
  });

  it('tells the families apart at /v1 by route, header and key', async () => {
    const asked = async (path: string, headers: Record<string, string>) => {
      await call(`${simulator.url}/v1/${path}`, { headers });
      return simulator.requests.at(-1)!.family;
    };
    expect(await asked('models', { 'anthropic-version': '2023-06-01' })).toBe('anthropic');
    expect(await asked('models', { authorization: `Bearer ${simulator.issueKey('anthropic', 'a')}` })).toBe(
      'anthropic',
    );
    expect(await asked('models', { authorization: `Bearer ${openaiKey}` })).toBe('openai');
    expect(await asked('models', { authorization: `Bearer ${xaiKey}` })).toBe('xai');
    expect(await asked('messages', { authorization: `Bearer ${xaiKey}` })).toBe('anthropic');
  });
});

describe('what is refused', () => {
  const messages = chat.messages;

  it.each<[string, string, object, number, object]>([
    ['no model', 'chat/completions', { messages }, 400, { param: null, code: null }],
    [
      'no messages',
      'chat/completions',
      { model: 'gpt-5' },
      400,
      { param: 'messages', code: 'missing_required_parameter' },
    ],
    ['no input', 'responses', { model: 'gpt-5' }, 400, { param: 'input', code: 'missing_required_parameter' }],
    [
      'max_tokens for a newer model',
      'chat/completions',
      { ...chat, max_tokens: 10 },
      400,
      { param: 'max_tokens', code: 'unsupported_parameter' },
    ],
    ['an unknown model', 'chat/completions', { ...chat, model: 'foo' }, 404, { param: null, code: 'model_not_found' }],
  ])('%s', async (_, path, body, status, fields) => {
    const reply = await openai(path, body);
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.text).error).toEqual({
      message: expect.any(String),
      type: 'invalid_request_error',
      ...fields,
    });
  });

  it('answers a wrong key with 401 in the shape of each provider', async () => {
    const headers = { authorization: 'Bearer sk-sim-unknown' };
    const first = await call(`${simulator.baseUrls.openai}/chat/completions`, { body: chat, headers });
    const second = await call(`${simulator.baseUrls.xai}/chat/completions`, { body: grok, headers });
    expect([first.status, second.status]).toEqual([401, 401]);
    expect(JSON.parse(first.text)).toEqual({
      error: {
        message: 'Incorrect API key provided.',
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_api_key',
      },
    });
    expect(JSON.parse(second.text)).toEqual({ code: 'invalid_api_key', error: 'Incorrect API key provided.' });
  });

  it('answers unknown paths and wrong methods without a word about limits', async () => {
    const unknown = await openai('images/generations', {});
    const wrong = await openai('chat/completions');
    expect([unknown.status, wrong.status]).toEqual([404, 405]);
    expect(unknown.headers['x-ratelimit-limit-requests']).toBeUndefined();
    expect((await call(`${simulator.baseUrls.openai}/messages`, { body: {} })).status).toBe(404);
  });
});
