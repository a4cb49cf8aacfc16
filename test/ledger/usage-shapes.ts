import type { WireFormat } from '../../src/providers/provider.ts';

/** One usage shape of the wire, and what an answer with it costs, computed by hand in nano-dollars. */
export interface UsageShape {
  readonly what: string;
  readonly format: WireFormat;
  /** `provider/model`. */
  readonly model: string;
  readonly usage: Readonly<Record<string, unknown>>;
  readonly nanoUsd: number | null;
  readonly state?: 'estimated';
  readonly atMs?: number;
}

const messages = (what: string, model: string, usage: UsageShape['usage'], nanoUsd: number | null): UsageShape => ({
  what,
  format: 'anthropic-messages',
  model: `anthropic/${model}`,
  usage,
  nanoUsd,
});

const openai = (
  what: string,
  format: 'openai-chat' | 'openai-responses',
  model: string,
  usage: UsageShape['usage'],
  nanoUsd: number | null,
): UsageShape => ({ what, format, model, usage, nanoUsd });

export const USAGE_SHAPES: readonly UsageShape[] = [
  // 1,000 × 5,000 + 200 × 6,250 + 100 × 10,000 + 5,000 × 500 + 400 × 25,000
  messages(
    'every kind of token',
    'claude-opus-4-7',
    {
      input_tokens: 1_000,
      cache_creation_input_tokens: 300,
      cache_read_input_tokens: 5_000,
      cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 100 },
      output_tokens: 400,
      output_tokens_details: { thinking_tokens: 150 },
      server_tool_use: null,
      service_tier: 'standard',
      inference_geo: 'global',
      speed: 'standard',
    },
    19_750_000,
  ),
  // 3 × 1,000 + 2 × 5,000
  messages(
    'nulls',
    'claude-haiku-4-5',
    {
      input_tokens: 3,
      output_tokens: 2,
      cache_creation_input_tokens: null,
      cache_read_input_tokens: null,
      cache_creation: null,
      server_tool_use: null,
      service_tier: null,
      inference_geo: null,
      speed: null,
      output_tokens_details: null,
    },
    13_000,
  ),
  // 40 × 3,750 + 1 × 15,000
  messages(
    'cache writes that are not split',
    'claude-sonnet-4-6',
    { input_tokens: 0, cache_creation_input_tokens: 40, output_tokens: 1, cache_creation: null },
    165_000,
  ),
  // 100 × 1,000 + 10 × 5,000 + 3 × 10,000,000
  messages(
    'searches, paid by use, and fetches, which are not',
    'claude-haiku-4-5',
    { input_tokens: 100, output_tokens: 10, server_tool_use: { web_search_requests: 3, web_fetch_requests: 2 } },
    30_150_000,
  ),
  // (1 × 100 + 1 × 125) / 2 = 112.5, to the even 112
  messages(
    'a batch, half a nano-dollar down',
    'claude-haiku-5-5',
    {
      input_tokens: 1,
      cache_creation_input_tokens: 1,
      cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 0 },
      output_tokens: 0,
      service_tier: 'batch',
    },
    112,
  ),
  // 3 × 125 / 2 = 187.5, to the even 188
  messages(
    'a batch, half a nano-dollar up',
    'claude-haiku-5-5',
    { input_tokens: 0, cache_creation_input_tokens: 3, output_tokens: 0, service_tier: 'batch' },
    188,
  ),
  // (7 × 4,000 + 3 × 20,000) × 1.1
  messages(
    'inference in the US',
    'claude-opus-5-5',
    { input_tokens: 7, output_tokens: 3, inference_geo: 'us' },
    96_800,
  ),
  // 10 × 1,000 × 0.5 × 1.1 + 10,000,000: tools have no factors
  messages(
    'a batch in the US with a search',
    'claude-haiku-4-5',
    {
      input_tokens: 10,
      output_tokens: 0,
      inference_geo: 'us',
      service_tier: 'batch',
      server_tool_use: { web_search_requests: 1 },
    },
    10_005_500,
  ),
  // 10 × 8,000 + 5 × 40,000
  messages('fast mode', 'claude-opus-5-5', { input_tokens: 10, output_tokens: 5, speed: 'fast' }, 280_000),
  // … and 7 × 8,000: what a read costs in fast mode is not known, so it is charged as input
  {
    ...messages(
      'fast mode with cache reads',
      'claude-opus-5-5',
      { input_tokens: 10, cache_read_input_tokens: 7, output_tokens: 5, speed: 'fast' },
      336_000,
    ),
    state: 'estimated',
  },
  messages(
    'fast mode of a model without a price for it',
    'claude-haiku-4-5',
    { input_tokens: 10, output_tokens: 5, speed: 'fast' },
    null,
  ),
  messages(
    'a tier nobody knows the price of',
    'claude-haiku-4-5',
    { input_tokens: 10, output_tokens: 5, service_tier: 'priority' },
    null,
  ),
  messages('a model nobody knows', 'claude-next-9', { input_tokens: 10, output_tokens: 5 }, null),
  // 1,000 × 200
  {
    ...messages(
      'the last second of an old price',
      'claude-sonnet-5-5',
      { input_tokens: 0, cache_read_input_tokens: 1_000, output_tokens: 0 },
      200_000,
    ),
    atMs: Date.UTC(2026, 9, 6, 23, 59, 59),
  },
  // 1,000 × 100
  {
    ...messages(
      'the first second of a new price',
      'claude-sonnet-5-5',
      { input_tokens: 0, cache_read_input_tokens: 1_000, output_tokens: 0 },
      100_000,
    ),
    atMs: Date.UTC(2026, 9, 7),
  },
  // 40,000 × 100 + 60,000 × 10
  messages(
    'a prompt of 100,000 tokens',
    'claude-haiku-5-5',
    { input_tokens: 40_000, cache_read_input_tokens: 60_000, output_tokens: 0 },
    4_600_000,
  ),
  // 40,000 × 500 + 60,001 × 50
  messages(
    'a prompt of 100,001 tokens',
    'claude-haiku-5-5',
    { input_tokens: 40_000, cache_read_input_tokens: 60_001, output_tokens: 0 },
    23_000_050,
  ),
  // 600 × 2,500 + 400 × 250 + 50 × 15,000
  openai(
    'cached and reasoning tokens inside the totals',
    'openai-chat',
    'openai/gpt-5.4',
    {
      prompt_tokens: 1_000,
      completion_tokens: 50,
      total_tokens: 1_050,
      prompt_tokens_details: { cached_tokens: 400, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 30, audio_tokens: 0, accepted_prediction_tokens: 0 },
    },
    2_350_000,
  ),
  // 500 × 2,500 + 400 × 250 + 100 × 2,500, the writes as input
  {
    ...openai(
      'cache writes without a price of their own',
      'openai-chat',
      'openai/gpt-5.4',
      {
        prompt_tokens: 1_000,
        completion_tokens: 0,
        total_tokens: 1_000,
        prompt_tokens_details: { cached_tokens: 400, cache_write_tokens: 100 },
      },
      1_600_000,
    ),
    state: 'estimated',
  },
  // 800 × 2,000 + 200 × 100 + 100 × 10,000
  openai(
    'cached and reasoning tokens inside the totals',
    'openai-responses',
    'openai/gpt-6.1-sol',
    {
      input_tokens: 1_000,
      input_tokens_details: { cached_tokens: 200, cache_write_tokens: 0 },
      output_tokens: 100,
      output_tokens_details: { reasoning_tokens: 80 },
      total_tokens: 1_100,
    },
    2_620_000,
  ),
  // 37,756,000 ticks of 0.1 nano-dollars, whatever the table says
  openai(
    "the provider's own cost",
    'openai-chat',
    'xai/grok-4-0709',
    {
      prompt_tokens: 100,
      completion_tokens: 10,
      total_tokens: 110,
      num_sources_used: 4,
      num_server_side_tools_used: 2,
      cost_in_usd_ticks: 37_756_000,
    },
    3_775_600,
  ),
  // 25 ticks are 2.5
  openai(
    "the provider's own cost, half a nano-dollar down",
    'openai-responses',
    'xai/grok-4-0709',
    { input_tokens: 1, output_tokens: 1, total_tokens: 2, cost_in_usd_ticks: 25 },
    2,
  ),
  // 100 × 200 + (20 + 30) × 500
  openai(
    'reasoning on top of the completion',
    'openai-chat',
    'xai/grok-4-fast',
    {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 150,
      completion_tokens_details: { reasoning_tokens: 30 },
    },
    45_000,
  ),
  // 100 × 200 + 20 × 500: what cached input costs is not known
  {
    ...openai(
      'cached tokens without a price',
      'openai-chat',
      'xai/grok-4-fast',
      {
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
        prompt_tokens_details: { cached_tokens: 60 },
      },
      30_000,
    ),
    state: 'estimated',
  },
  // (10 + 64) × 200 + 5 × 500
  {
    ...openai(
      'cached tokens on top of the prompt',
      'openai-responses',
      'xai/grok-4-fast',
      { input_tokens: 10, output_tokens: 5, total_tokens: 15, input_tokens_details: { cached_tokens: 64 } },
      17_300,
    ),
    state: 'estimated',
  },
  openai(
    'tools at the provider without its own cost',
    'openai-chat',
    'xai/grok-4-fast',
    { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, num_server_side_tools_used: 1 },
    null,
  ),
];
