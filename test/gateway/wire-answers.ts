import { expect } from 'vitest';
import type { Booking } from '../../src/ledger/ledger-row.ts';

/** What a provider sends, written out by hand, and what the ledger has to make of it. */
export interface WireAnswer {
  readonly what: string;
  /** `provider/path`. */
  readonly path: string;
  readonly request: Readonly<Record<string, unknown>>;
  /** JSON, or the text of a stream. */
  readonly answer: object | string;
  readonly encoding?: 'gzip' | 'br' | 'zstd';
  /** The connection breaks after it. */
  readonly isBroken?: true;
  readonly outcome?: 'broken' | 'server_error';
  readonly booking: Booking;
}

const NOTHING: Booking = {
  usageState: 'reported',
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  webSearches: 0,
  serviceTier: null,
  inferenceGeo: null,
  speed: null,
  costTicks: null,
  costNanoUsd: null,
  priceVersion: null,
};

const event = (type: string, rest: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
const data = (chunk: object) => `data: ${JSON.stringify({ object: 'chat.completion.chunk', ...chunk })}\n\n`;

const asked = (model: string, stream = false) => ({
  model,
  max_tokens: 50,
  stream,
  messages: [{ role: 'user', content: 'Hi' }],
});
const started = (model: string, usage: object) =>
  event('message_start', {
    message: { type: 'message', role: 'assistant', model, content: [], stop_reason: null, usage },
  });
const piece = (text: string) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });
const delta = (usage: object) =>
  event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage });
const STOP = event('message_stop', {});
const MESSAGES = 'anthropic/v1/messages';

const messages: readonly WireAnswer[] = [
  {
    what: 'Messages: the split, the tier, the place and the speed are at the start, the last cumulative figures at the end',
    path: MESSAGES,
    request: asked('claude-opus-5-5', true),
    answer: [
      started('claude-opus-5-5', {
        input_tokens: 10,
        cache_creation_input_tokens: 50,
        cache_read_input_tokens: 5,
        cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 30 },
        output_tokens: 1,
        server_tool_use: null,
        service_tier: 'standard',
        inference_geo: 'us',
        speed: 'standard',
      }),
      'event: ping\ndata: {"type":"ping"}\n\n',
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      piece('Grüße 👋'),
      event('content_block_delta', { index: 0, delta: { type: 'nobody_knows_delta', x: 1 } }),
      event('content_block_stop', { index: 0 }),
      delta({ input_tokens: null, cache_creation_input_tokens: null, cache_read_input_tokens: null, output_tokens: 7 }),
      delta({
        input_tokens: null,
        cache_creation_input_tokens: null,
        cache_read_input_tokens: null,
        output_tokens: 42,
        server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 },
        output_tokens_details: { thinking_tokens: 30 },
      }),
      STOP,
    ].join(''),
    // (10 × 4,000 + 20 × 5,000 + 30 × 8,000 + 5 × 200 + 42 × 20,000) × 1.1 + 2 × 10,000,000
    booking: {
      ...NOTHING,
      inputTokens: 10,
      cacheReadTokens: 5,
      cacheWrite5mTokens: 20,
      cacheWrite1hTokens: 30,
      outputTokens: 42,
      reasoningTokens: 30,
      webSearches: 2,
      serviceTier: 'standard',
      inferenceGeo: 'us',
      speed: 'standard',
      costNanoUsd: 21_343_100,
      priceVersion: '2026-11/anthropic/claude-opus-5-5/1',
    },
  },
  {
    what: 'Messages: totals that grow after the start',
    path: MESSAGES,
    request: asked('claude-haiku-4-5', true),
    encoding: 'zstd',
    answer: [
      started('claude-haiku-4-5-20251001', {
        input_tokens: 5,
        cache_creation_input_tokens: 50,
        cache_read_input_tokens: 0,
        cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 30 },
        output_tokens: 1,
      }),
      piece('Hello'),
      delta({ input_tokens: 25, cache_creation_input_tokens: 70, cache_read_input_tokens: 100, output_tokens: 8 }),
      STOP,
    ].join(''),
    // 25 × 1,000 + 40 × 1,250 + 30 × 2,000 + 100 × 100 + 8 × 5,000
    booking: {
      ...NOTHING,
      inputTokens: 25,
      cacheReadTokens: 100,
      cacheWrite5mTokens: 40,
      cacheWrite1hTokens: 30,
      outputTokens: 8,
      costNanoUsd: 185_000,
      priceVersion: '2026-11/anthropic/claude-haiku-4-5/1',
    },
  },
  {
    what: 'Messages: a body with nulls, compressed',
    path: MESSAGES,
    request: asked('claude-sonnet-4-6'),
    encoding: 'br',
    answer: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4-6',
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: 12,
        cache_creation_input_tokens: null,
        cache_read_input_tokens: null,
        cache_creation: null,
        output_tokens: 3,
        server_tool_use: null,
        service_tier: null,
        inference_geo: null,
        speed: null,
        output_tokens_details: null,
      },
    },
    // 12 × 3,000 + 3 × 15,000
    booking: {
      ...NOTHING,
      inputTokens: 12,
      outputTokens: 3,
      costNanoUsd: 81_000,
      priceVersion: '2026-11/anthropic/claude-sonnet-4-6/1',
    },
  },
  {
    what: 'Messages: fast mode',
    path: MESSAGES,
    request: asked('claude-opus-5-5', true),
    answer: [
      started('claude-opus-5-5', { input_tokens: 10, output_tokens: 1, speed: 'fast', service_tier: 'standard' }),
      piece('Quick.'),
      delta({ output_tokens: 5 }),
      STOP,
    ].join(''),
    // 10 × 8,000 + 5 × 40,000
    booking: {
      ...NOTHING,
      inputTokens: 10,
      outputTokens: 5,
      serviceTier: 'standard',
      speed: 'fast',
      costNanoUsd: 280_000,
      priceVersion: '2026-11/anthropic/claude-opus-5-5/2',
    },
  },
  {
    what: 'Messages: a stream that breaks off has its prompt, and a token for four bytes of what came',
    path: MESSAGES,
    request: asked('claude-haiku-4-5', true),
    answer: [
      started('claude-haiku-4-5', { input_tokens: 100, cache_read_input_tokens: 10, output_tokens: 1 }),
      piece('Hello'),
      piece(' world and more'),
    ].join(''),
    isBroken: true,
    outcome: 'broken',
    // 100 × 1,000 + 10 × 100 + 5 × 5,000
    booking: {
      ...NOTHING,
      usageState: 'partial',
      inputTokens: 100,
      cacheReadTokens: 10,
      outputTokens: 5,
      costNanoUsd: 126_000,
      priceVersion: '2026-11/anthropic/claude-haiku-4-5/1',
    },
  },
  {
    what: 'Messages: an error in the stream leaves what was used before it',
    path: MESSAGES,
    request: asked('claude-haiku-4-5', true),
    answer: [
      started('claude-haiku-4-5', { input_tokens: 100, output_tokens: 4 }),
      piece('Hi'),
      event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
    ].join(''),
    outcome: 'server_error',
    // 100 × 1,000 + 4 × 5,000
    booking: {
      ...NOTHING,
      usageState: 'partial',
      inputTokens: 100,
      outputTokens: 4,
      costNanoUsd: 120_000,
      priceVersion: '2026-11/anthropic/claude-haiku-4-5/1',
    },
  },
];

const CHAT = 'openai/v1/chat/completions';
const chatAsked = (model: string, stream = false) => ({ model, stream, messages: [{ role: 'user', content: 'Hi' }] });
const word = (content: string) =>
  data({ model: 'gpt-5.4', choices: [{ index: 0, delta: { content }, finish_reason: null }], usage: null });
const DONE = 'data: [DONE]\n\n';

const chat: readonly WireAnswer[] = [
  {
    what: 'chat: the chunk without choices, cached and reasoning tokens inside the totals',
    path: CHAT,
    request: chatAsked('gpt-5.4', true),
    answer: [
      word('Hel'),
      word('lo'),
      data({
        model: 'gpt-5.4',
        choices: [],
        usage: {
          prompt_tokens: 1_000,
          completion_tokens: 50,
          total_tokens: 1_050,
          prompt_tokens_details: { cached_tokens: 400, audio_tokens: 0, text_tokens: 1_000, image_tokens: 0 },
          completion_tokens_details: {
            reasoning_tokens: 30,
            audio_tokens: 0,
            accepted_prediction_tokens: 5,
            rejected_prediction_tokens: 7,
          },
        },
      }),
      DONE,
    ].join(''),
    // 600 × 2,500 + 400 × 250 + 50 × 15,000
    booking: {
      ...NOTHING,
      inputTokens: 600,
      cacheReadTokens: 400,
      outputTokens: 50,
      reasoningTokens: 30,
      costNanoUsd: 2_350_000,
      priceVersion: '2026-11/openai/gpt-5.4/1',
    },
  },
  {
    what: 'chat: sound, whose price nobody here knows, is charged as text and marked',
    path: CHAT,
    request: chatAsked('gpt-5.4'),
    encoding: 'gzip',
    answer: {
      object: 'chat.completion',
      model: 'gpt-5.4-2026-03-05',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
      service_tier: 'default',
      usage: {
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
        prompt_tokens_details: { cached_tokens: 0, audio_tokens: 40 },
        completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 15 },
      },
    },
    // 100 × 2,500 + 20 × 15,000
    booking: {
      ...NOTHING,
      usageState: 'estimated',
      inputTokens: 100,
      outputTokens: 20,
      serviceTier: 'default',
      costNanoUsd: 550_000,
      priceVersion: '2026-11/openai/gpt-5.4/1',
    },
  },
  {
    what: 'chat: a tier without a known price',
    path: CHAT,
    request: chatAsked('gpt-5.4'),
    answer: {
      object: 'chat.completion',
      model: 'gpt-5.4',
      choices: [],
      service_tier: 'flex',
      usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 },
    },
    booking: { ...NOTHING, inputTokens: 10, outputTokens: 2, serviceTier: 'flex' },
  },
  {
    what: 'chat: a stream that breaks off says nothing, so prompt and output are estimated at four bytes a token',
    path: CHAT,
    // 77 bytes of JSON
    request: chatAsked('gpt-5.4', true),
    answer: word('Hello ') + word('you over there'),
    isBroken: true,
    outcome: 'broken',
    // 20 × 2,500 + 5 × 15,000
    booking: {
      ...NOTHING,
      usageState: 'estimated',
      inputTokens: 20,
      outputTokens: 5,
      costNanoUsd: 125_000,
      priceVersion: '2026-11/openai/gpt-5.4/1',
    },
  },
];

const RESPONSES = 'openai/v1/responses';
const responsesAsked = (model: string, stream = false) => ({ model, stream, input: 'Hi' });

const responses: readonly WireAnswer[] = [
  {
    what: 'Responses: cached, written and reasoning tokens, in the terminal event',
    path: RESPONSES,
    request: responsesAsked('gpt-6.1-sol', true),
    answer: [
      event('response.created', { sequence_number: 0, response: { id: 'resp_1', model: 'gpt-6.1-sol', usage: null } }),
      event('response.output_text.delta', { sequence_number: 1, delta: 'Hi' }),
      event('response.completed', {
        sequence_number: 2,
        response: {
          id: 'resp_1',
          model: 'gpt-6.1-sol',
          status: 'completed',
          background: false,
          service_tier: 'default',
          usage: {
            input_tokens: 1_000,
            input_tokens_details: { cached_tokens: 200, cache_write_tokens: 100, cache_write_tokens_details: {} },
            output_tokens: 100,
            output_tokens_details: { reasoning_tokens: 80 },
            total_tokens: 1_100,
          },
        },
      }),
    ].join(''),
    // 700 × 2,000 + 200 × 100 + 100 × 2,000 (what a write costs is not known) + 100 × 10,000
    booking: {
      ...NOTHING,
      usageState: 'estimated',
      inputTokens: 700,
      cacheReadTokens: 200,
      cacheWrite5mTokens: 100,
      outputTokens: 100,
      reasoningTokens: 80,
      serviceTier: 'default',
      costNanoUsd: 2_620_000,
      priceVersion: '2026-11/openai/gpt-6.1-sol/1',
    },
  },
  ...(['incomplete', 'failed'] as const).map(
    (end): WireAnswer => ({
      what: `Responses: one that ends as ${end}`,
      path: RESPONSES,
      request: responsesAsked('gpt-5', true),
      answer: event(`response.${end}`, {
        response: { model: 'gpt-5', status: end, usage: { input_tokens: 10, output_tokens: 3, total_tokens: 13 } },
      }),
      // 10 × 1,250 + 3 × 10,000
      booking: {
        ...NOTHING,
        inputTokens: 10,
        outputTokens: 3,
        costNanoUsd: 42_500,
        priceVersion: '2026-11/openai/gpt-5/1',
      },
    }),
  ),
];

const xai: readonly WireAnswer[] = [
  {
    what: 'xAI: its own cost in ticks, whatever else it says',
    path: 'xai/v1/chat/completions',
    request: chatAsked('grok-4-0709', true),
    answer: [
      data({ model: 'grok-4-0709', choices: [{ index: 0, delta: { content: 'Hi' } }] }),
      data({
        model: 'grok-4-0709',
        choices: [],
        usage: {
          prompt_tokens: 100,
          completion_tokens: 10,
          total_tokens: 150,
          prompt_tokens_details: { cached_tokens: 64, text_tokens: 100, nobody_knows: 3 },
          completion_tokens_details: { reasoning_tokens: 40, audio_tokens: 0 },
          num_sources_used: 4,
          num_server_side_tools_used: 2,
          cost_in_usd_ticks: 37_756_005,
        },
      }),
      DONE,
    ].join(''),
    // 37,756,005 tenths: 3,775,600.5, to the even one
    booking: {
      ...NOTHING,
      inputTokens: 36,
      cacheReadTokens: 64,
      outputTokens: 50,
      reasoningTokens: 40,
      costTicks: 37_756_005,
      costNanoUsd: 3_775_600,
    },
  },
  {
    what: 'xAI: sources without its own cost have no price',
    path: 'xai/v1/responses',
    request: responsesAsked('grok-4-fast'),
    answer: {
      object: 'response',
      model: 'grok-4-fast',
      status: 'completed',
      usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15, num_sources_used: 3 },
    },
    booking: { ...NOTHING, inputTokens: 10, outputTokens: 5 },
  },
];

const embeddings = (model: string, booking: Partial<Booking>): WireAnswer => ({
  what: `embeddings of ${model}`,
  path: 'openai/v1/embeddings',
  request: { model, input: 'Hi' },
  answer: {
    object: 'list',
    data: [{ object: 'embedding', index: 0, embedding: [0.1] }],
    model,
    usage: { prompt_tokens: 8, total_tokens: 8 },
  },
  booking: { ...NOTHING, inputTokens: 8, ...booking },
});

/** What a person set: no catalog has a price of it. */
export const OWN_PRICES = { 'openai/text-embedding-9': { inputUsdPerMillion: 0.02, outputUsdPerMillion: 0 } };

export const WIRE_ANSWERS: readonly WireAnswer[] = [
  ...messages,
  ...chat,
  ...responses,
  ...xai,
  // 8 × 20
  embeddings('text-embedding-9', { costNanoUsd: 160, priceVersion: expect.stringMatching(/^config\//) as string }),
  embeddings('text-embedding-8', {}),
];
