import { describe, expect, it } from 'vitest';
import { describePrice, priceAt } from '../../src/catalog/catalog-model.ts';
import { priceUnder } from '../../src/catalog/model-price.ts';
import { catalogModels, findModel, normalizeModel, suggestModel, wireModelOf } from '../../src/catalog/models.ts';
import { anthropic } from '../../src/providers/anthropic.ts';
import { openai } from '../../src/providers/openai.ts';
import { xai } from '../../src/providers/xai.ts';

const NOVEMBER = Date.UTC(2026, 10, 21);
const CATALOG = catalogModels();

describe('the catalog', () => {
  it('has every model of the price facts, once', () => {
    const ids = CATALOG.map(({ provider, id }) => `${provider}/${id}`);
    expect(ids).toEqual([
      'anthropic/claude-fable-5-1',
      'anthropic/claude-fable-5',
      'anthropic/claude-opus-5-5',
      'anthropic/claude-opus-5',
      'anthropic/claude-opus-4-8',
      'anthropic/claude-opus-4-7',
      'anthropic/claude-opus-4-6',
      'anthropic/claude-opus-4-5',
      'anthropic/claude-sonnet-5-5',
      'anthropic/claude-sonnet-5',
      'anthropic/claude-sonnet-4-6',
      'anthropic/claude-sonnet-4-5',
      'anthropic/claude-sonnet-4-20250514',
      'anthropic/claude-haiku-5-5',
      'anthropic/claude-haiku-4-5',
      'openai/gpt-6.1-sol',
      'openai/gpt-6-sol',
      'openai/gpt-6-luna',
      'openai/gpt-5.4',
      'openai/gpt-5.4-mini',
      'openai/gpt-5.1',
      'openai/gpt-5',
      'xai/grok-4.7',
      'xai/grok-4-1-fast',
      'xai/grok-4-fast',
      'xai/grok-4-0709',
      'xai/grok-code-fast-1',
    ]);
  });

  it('gives no spelling to two models of one provider', () => {
    const spellings = CATALOG.flatMap(({ provider, id, aliases }) =>
      [id, ...aliases].map((text) => `${provider}/${text}`),
    );
    expect(spellings.filter((text, index) => spellings.indexOf(text) !== index)).toEqual([]);
  });

  it('states prices in whole nano-dollars per token', () => {
    const figures = CATALOG.flatMap(({ prices }) => prices.flatMap(Object.values)).filter(
      (value) => typeof value === 'number',
    );
    expect(figures.filter((value) => !Number.isInteger(value))).toEqual([]);
  });

  it.each([
    ['claude-opus-4.7', 'claude-opus-4-7', 1_000_000, 128_000, true, 5_000, 25_000],
    ['claude-sonnet-4.6', 'claude-sonnet-4-6', 200_000, 64_000, true, 3_000, 15_000],
    ['claude-haiku-4.5', 'claude-haiku-4-5', 200_000, 64_000, true, 1_000, 5_000],
    ['grok-4-0709', 'grok-4-0709', 256_000, 256_000, true, 3_000, 15_000],
    ['grok-code-fast-1', 'grok-code-fast-1', 256_000, 10_000, false, 200, 1_500],
    ['grok-4-fast', 'grok-4-fast', 2_000_000, 30_000, true, 200, 500],
  ])('knows %s with its limits and prices', (text, wireId, contextTokens, maxOutputTokens, vision, input, output) => {
    const model = findModel(text.startsWith('grok') ? 'xai' : 'anthropic', text)!;
    expect(model).toMatchObject({ wireId, contextTokens, maxOutputTokens, vision, confidence: 'primary' });
    expect(priceAt(model, NOVEMBER)).toMatchObject({ inputNanoUsd: input, outputNanoUsd: output });
  });

  // [input, write 5 m, write 1 h, read, output] in nano-dollars per token.
  it.each([
    ['claude-fable-5-1', [10_000, 12_500, 20_000, 250, 50_000]],
    ['claude-fable-5', [10_000, 12_500, 20_000, 1_000, 50_000]],
    ['claude-opus-5-5', [4_000, 5_000, 8_000, 200, 20_000]],
    ['claude-opus-5', [5_000, 6_250, 10_000, 500, 25_000]],
    ['claude-opus-4-8', [5_000, 6_250, 10_000, 500, 25_000]],
    ['claude-opus-4-7', [5_000, 6_250, 10_000, 500, 25_000]],
    ['claude-opus-4-6', [5_000, 6_250, 10_000, 500, 25_000]],
    ['claude-opus-4-5', [5_000, 6_250, 10_000, 500, 25_000]],
    ['claude-sonnet-5-5', [2_000, 2_500, 4_000, 100, 10_000]],
    ['claude-sonnet-5', [2_000, 2_500, 4_000, 200, 10_000]],
    ['claude-sonnet-4-6', [3_000, 3_750, 6_000, 300, 15_000]],
    ['claude-sonnet-4-5', [3_000, 3_750, 6_000, 300, 15_000]],
    ['claude-sonnet-4-20250514', [3_000, 3_750, 6_000, 300, 15_000]],
    ['claude-haiku-5-5', [100, 125, 200, 10, 500]],
    ['claude-haiku-4-5', [1_000, 1_250, 2_000, 100, 5_000]],
    ['gpt-5', [1_250, undefined, undefined, 125, 10_000]],
    ['gpt-5.1', [1_250, undefined, undefined, 125, 10_000]],
    ['gpt-5.4', [2_500, undefined, undefined, 250, 15_000]],
    ['gpt-5.4-mini', [750, undefined, undefined, 75, 4_500]],
    ['gpt-6-luna', [100, undefined, undefined, 10, 500]],
    ['gpt-6-sol', [2_000, undefined, undefined, 200, 10_000]],
    ['gpt-6.1-sol', [2_000, undefined, undefined, 100, 10_000]],
    ['grok-4-1-fast', [200, undefined, undefined, undefined, 500]],
    ['grok-4.7', [2_000, undefined, undefined, undefined, 6_000]],
  ])('knows what %s costs', (id, figures) => {
    const price = priceAt(CATALOG.find((model) => model.id === id)!, NOVEMBER)!;
    const { inputNanoUsd, cacheWrite5mNanoUsd, cacheWrite1hNanoUsd, cacheReadNanoUsd, outputNanoUsd } = price;
    expect([inputNanoUsd, cacheWrite5mNanoUsd, cacheWrite1hNanoUsd, cacheReadNanoUsd, outputNanoUsd]).toEqual(figures);
  });

  it('has a price of its own for fast mode where one is known, and none elsewhere', () => {
    const fast = (id: string) =>
      priceUnder(findModel('anthropic', id)!.prices, { atMs: NOVEMBER, speed: 'fast' })?.inputNanoUsd;
    expect([fast('claude-opus-5-5'), fast('claude-haiku-4-5')]).toEqual([8_000, undefined]);
  });

  it('gives every price a version of its own', () => {
    const versions = CATALOG.flatMap(({ prices }) => prices.map(({ version }) => version));
    expect(new Set(versions).size).toBe(versions.length);
    expect(versions).toContain('2026-11/anthropic/claude-haiku-5-5/2');
  });

  it("has every provider's test model", () => {
    for (const { id, testCall } of [anthropic, openai, xai]) expect(findModel(id, testCall!.model)).toBeDefined();
  });

  it('changes a price on its date', () => {
    const sonnet = findModel('anthropic', 'claude-sonnet-5-5')!;
    const readPrice = (atMs: number) => priceAt(sonnet, atMs)?.cacheReadNanoUsd;
    expect([readPrice(Date.UTC(2026, 9, 6, 23, 59)), readPrice(Date.UTC(2026, 9, 7))]).toEqual([200, 100]);
  });

  it('chooses a tier by the whole prompt', () => {
    const haiku = findModel('anthropic', 'claude-haiku-5-5')!;
    expect([100_000, 100_001].map((tokens) => priceAt(haiku, NOVEMBER, tokens)?.inputNanoUsd)).toEqual([100, 500]);
  });

  it('shows a price in dollars, and says when it is not confirmed', () => {
    expect(describePrice(findModel('anthropic', 'claude-haiku-4-5')!, NOVEMBER)).toBe('$1 in · $5 out per 1M tokens');
    expect(describePrice(findModel('openai', 'gpt-5.4-mini')!, NOVEMBER)).toBe(
      '$0.75 in · $4.50 out per 1M tokens (unconfirmed)',
    );
  });
});

describe('spellings of a model', () => {
  it.each([
    ['anthropic', 'claude-opus-4.5', 'claude-opus-4-5'],
    ['anthropic', 'claude-opus-4-5-20251101', 'claude-opus-4-5'],
    ['anthropic', 'claude-haiku-4-5-20251001', 'claude-haiku-4-5'],
    ['anthropic', 'Claude-Sonnet-4.6', 'claude-sonnet-4-6'],
    ['anthropic', 'claude-sonnet-4', 'claude-sonnet-4-20250514'],
    ['xai', 'grok-4', 'grok-4-0709'],
    ['xai', 'grok-4.1-fast', 'grok-4-1-fast'],
    ['openai', 'gpt-5-4', 'gpt-5.4'],
    ['openai', 'gpt-5-2025-08-07', 'gpt-5'],
    ['openai', 'gpt-5.4-mini-2026-03-05', 'gpt-5.4-mini'],
    ['anthropic', 'claude-opus-5-5-20260901', 'claude-opus-5-5'],
    ['anthropic', 'claude-sonnet-4-20260101', 'claude-sonnet-4-20260101'],
    ['openai', 'claude-opus-4.5', 'claude-opus-4.5'],
    ['anthropic', 'claude-next-9', 'claude-next-9'],
  ])('%s %s means %s', (provider, text, id) => {
    expect(normalizeModel(provider, text)).toBe(id);
  });

  it('are replaced on the way up only where the provider would not know them', () => {
    expect(wireModelOf('anthropic', 'claude-opus-4.5')).toBe('claude-opus-4-5');
    expect(wireModelOf('anthropic', 'claude-opus-4-5')).toBeUndefined();
    expect(wireModelOf('anthropic', 'claude-haiku-4-5-20251001')).toBeUndefined();
    expect(wireModelOf('anthropic', 'claude-next-9')).toBeUndefined();
    expect(wireModelOf('openai', 'gpt-5-2025-08-07')).toBeUndefined();
  });

  it.each([
    ['anthropic/claude-opus-4-55', 'anthropic/claude-opus-4-5'],
    ['claud-haiku-4-5', 'anthropic/claude-haiku-4-5'],
    ['xai/grok-fast', 'xai/grok-4-fast'],
    ['xai/zzzzzzzzzzzzzzzzzzzz', undefined],
  ])('near %s suggest %s', (text, suggestion) => {
    expect(suggestModel(text)).toBe(suggestion);
  });
});
