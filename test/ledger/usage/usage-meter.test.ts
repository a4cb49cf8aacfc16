import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '../../../src/ledger/usage/usage.ts';
import { UsageMeter } from '../../../src/ledger/usage/usage-meter.ts';

const start = (usage: object) => ({ type: 'message_start', message: { model: 'claude-haiku-4-5', usage } });
const delta = (usage: object) => ({ type: 'message_delta', delta: {}, usage });
const text = (words: string) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: words } });

function readingOf(
  format: 'anthropic-messages' | 'openai-chat' | 'openai-responses',
  events: object[],
  isWhole = true,
) {
  const meter = new UsageMeter(format, 400);
  for (const event of events) meter.seeEvent(event as Record<string, unknown>);
  return meter.reading(isWhole);
}

describe('the meter of Messages', () => {
  const first = start({
    input_tokens: 10,
    cache_creation_input_tokens: 50,
    cache_read_input_tokens: 5,
    cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 30 },
    output_tokens: 1,
    service_tier: 'standard',
    inference_geo: 'us',
    speed: 'fast',
  });
  const known = {
    ...NO_USAGE,
    inputTokens: 10,
    cacheReadTokens: 5,
    cacheWrite5mTokens: 20,
    cacheWrite1hTokens: 30,
    serviceTier: 'standard',
    inferenceGeo: 'us',
    speed: 'fast',
  };

  it('takes the split, tier, place and speed from the start and the last cumulative figures from the end', () => {
    const nulls = { input_tokens: null, cache_creation_input_tokens: null, cache_read_input_tokens: null };
    const events = [first, delta({ output_tokens: 7 }), delta({ ...nulls, output_tokens: 42, server_tool_use: null })];
    expect(readingOf('anthropic-messages', events)).toEqual({
      usage: { ...known, outputTokens: 42 },
      state: 'reported',
      model: 'claude-haiku-4-5',
    });
  });

  it('lets figures of the end win over those of the start', () => {
    const later = {
      input_tokens: 25,
      cache_creation_input_tokens: 70,
      cache_read_input_tokens: 100,
      output_tokens: 8,
      server_tool_use: { web_search_requests: 2 },
    };
    expect(readingOf('anthropic-messages', [first, delta(later)]).usage).toEqual({
      ...known,
      inputTokens: 25,
      cacheReadTokens: 100,
      cacheWrite5mTokens: 40,
      cacheWrite1hTokens: 30,
      outputTokens: 8,
      webSearches: 2,
    });
  });

  it('has the prompt and the output so far of an answer that broke off', () => {
    const events = [first, text('one'), text('two and some more words')];
    expect(readingOf('anthropic-messages', events, false)).toEqual({
      usage: { ...known, outputTokens: 7 },
      state: 'partial',
      model: 'claude-haiku-4-5',
    });
  });
});

describe('the meter of chat completions', () => {
  const chunk = (rest: object) => ({ object: 'chat.completion.chunk', model: 'gpt-5.4', ...rest });
  const content = (words: string) => chunk({ choices: [{ index: 0, delta: { content: words } }], usage: null });

  it('reads the chunk that has no choices', () => {
    const usage = { prompt_tokens: 100, completion_tokens: 5, total_tokens: 105 };
    expect(readingOf('openai-chat', [content('Hi'), chunk({ choices: [], usage })])).toEqual({
      usage: { ...NO_USAGE, inputTokens: 100, outputTokens: 5 },
      state: 'reported',
      model: 'gpt-5.4',
    });
  });

  it('estimates where there is no such chunk, and says so', () => {
    const call = { tool_calls: [{ index: 0, function: { arguments: '{"city":"Rome"}' } }] };
    const events = [content('Hello '), content('you'), chunk({ choices: [{ index: 0, delta: call }] })];
    expect(readingOf('openai-chat', events, false)).toEqual({
      usage: { ...NO_USAGE, inputTokens: 100, outputTokens: 6 },
      state: 'estimated',
      model: 'gpt-5.4',
    });
  });
});

describe('the meter of Responses', () => {
  const usage = { input_tokens: 10, output_tokens: 3, total_tokens: 13 };
  const created = { type: 'response.created', response: { model: 'gpt-5', usage: null } };
  const piece = { type: 'response.output_text.delta', delta: 'Hello there' };

  it.each(['completed', 'incomplete', 'failed'])('reads the terminal event response.%s', (end) => {
    const last = { type: `response.${end}`, response: { model: 'gpt-5', service_tier: 'default', usage } };
    expect(readingOf('openai-responses', [created, piece, last])).toEqual({
      usage: { ...NO_USAGE, inputTokens: 10, outputTokens: 3, serviceTier: 'default' },
      state: 'reported',
      model: 'gpt-5',
    });
  });

  it('estimates what broke off', () => {
    expect(readingOf('openai-responses', [created, piece], false)).toEqual({
      usage: { ...NO_USAGE, inputTokens: 100, outputTokens: 3 },
      state: 'estimated',
      model: 'gpt-5',
    });
  });
});

describe('figures that are no counts', () => {
  const figures = [-1, 1.5, '7', 1e12, {}, Number.NaN];

  it.each(figures)('are as good as none: %j at the start', (figure) => {
    const events = [start({ input_tokens: figure, output_tokens: 1 }), text('Hello you')];
    expect(readingOf('anthropic-messages', events)).toEqual({
      usage: { ...NO_USAGE, inputTokens: 100, outputTokens: 3 },
      state: 'estimated',
      model: 'claude-haiku-4-5',
    });
  });

  it.each(figures)('are as good as none: %j at the end', (figure) => {
    const events = [start({ input_tokens: 5, output_tokens: 1 }), text('Hello you'), delta({ output_tokens: figure })];
    expect(readingOf('anthropic-messages', events)).toEqual({
      usage: { ...NO_USAGE, inputTokens: 5, outputTokens: 3 },
      state: 'partial',
      model: 'claude-haiku-4-5',
    });
  });

  it.each([...figures, null])('are as good as none: %j in a whole body', (figure) => {
    const bodies = {
      'anthropic-messages': { input_tokens: 5, output_tokens: figure },
      'openai-chat': { prompt_tokens: figure, completion_tokens: 5 },
      'openai-responses': { input_tokens: figure, output_tokens: 5 },
    } as const;
    for (const [format, usage] of Object.entries(bodies)) {
      const meter = new UsageMeter(format as keyof typeof bodies, 400);
      meter.seeBody({ usage });
      expect(meter.reading(true)).toMatchObject({ usage: { inputTokens: 100 }, state: 'estimated' });
    }
  });
});
