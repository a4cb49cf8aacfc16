import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PromptSize } from '../../src/budgets/prompt-size.ts';
import { worstCaseOf } from '../../src/budgets/worst-case.ts';
import type { PricedModel } from '../../src/catalog/catalog-model.ts';
import { type ModelPrice, priceUnder } from '../../src/catalog/model-price.ts';
import { findModel } from '../../src/catalog/models.ts';
import { exactCostOf, factorsOf, wholeNanoUsd } from '../../src/ledger/cost.ts';
import { NO_USAGE, promptTokens } from '../../src/ledger/usage/usage.ts';

const TODAY = Date.parse('2026-11-21T08:00Z');
const SIZE: PromptSize = {
  textBytes: 1_000,
  images: 0,
  documents: 0,
  countedTokens: undefined,
  answers: 1,
  maxOutputTokens: 100,
  providerTools: 0,
  lookups: [],
  asksLongContext: false,
  serviceTier: undefined,
  inferenceGeo: 'global',
  speed: undefined,
  isBackground: false,
  unbounded: undefined,
};
const NO_LIMITS = { contextTokens: undefined, maxOutputTokens: undefined };
const search = (uses: number) => ({ uses, tokensEach: 10_000, isPriced: true });

function worst(id: string, changes: Partial<PromptSize> = {}, atMs = TODAY) {
  const model = findModel(id.startsWith('gpt') ? 'openai' : 'anthropic', id)!;
  return worstCaseOf({ ...SIZE, ...changes }, model, model, atMs);
}

describe('the worst case', () => {
  it('is every byte a token, written to the cache for an hour, and the whole answer', () => {
    expect(worst('claude-haiku-4-5')).toEqual({
      kind: 'bounded',
      inputTokens: 3_000,
      outputTokens: 100,
      tokens: 3_100,
      nanoUsd: 3_000 * 2_000 + 100 * 5_000,
    });
  });

  it.each([
    ['an image is 5,000 tokens', { images: 2 }, 13_000],
    ['a document fills the context', { documents: 1 }, 200_000],
    ['no text is longer than the context', { textBytes: 5_000_000 }, 200_000],
    ['a longer context may be asked for', { textBytes: 5_000_000, asksLongContext: true }, 1_000_000],
    ["a tool of the provider's own has its description", { providerTools: 2 }, 6_000],
    ['what the provider counted stands for all of it', { documents: 1, countedTokens: 700 }, 2_700],
    ['each search reads the prompt again', { lookups: [search(2)] }, 3_000 + 13_100 + 23_100 + 23_100],
    ['a search reads no more than the context', { documents: 1, lookups: [search(1)] }, 600_000],
    [
      'the largest results come first',
      { lookups: [search(1), { uses: 1, tokensEach: 20_000, isPriced: false }] },
      3_000 + 23_100 + 33_100 + 33_100,
    ],
  ])('of the input: %s', (_, changes, inputTokens) => {
    expect(worst('claude-haiku-4-5', changes)).toMatchObject({ kind: 'bounded', inputTokens });
  });

  it.each([
    ['is the bound of each answer', { answers: 3 }, 300],
    ['is the limit of the model without one', { maxOutputTokens: undefined }, 64_000],
    ['is none where nothing is written', { answers: 0, maxOutputTokens: undefined }, 0],
  ])('of the output: %s', (_, changes, outputTokens) => {
    expect(worst('claude-haiku-4-5', changes)).toMatchObject({ kind: 'bounded', outputTokens });
  });

  it.each([
    ['US inference unless ruled out', 'claude-haiku-4-5', { inferenceGeo: undefined }, (6_500_000 * 11) / 10],
    ['US inference where asked for', 'claude-haiku-4-5', { inferenceGeo: 'us' }, (6_500_000 * 11) / 10],
    ['searches', 'claude-haiku-4-5', { lookups: [search(1)] }, 29_200 * 2_000 + 500_000 + 10_000_000],
    ['the fast price where asked for', 'claude-opus-5-5', { speed: 'fast' }, 3_000 * 16_000 + 100 * 40_000],
    ['the ordinary price otherwise', 'claude-opus-5-5', {}, 3_000 * 8_000 + 100 * 20_000],
    ['the lower tier', 'claude-haiku-5-5', { textBytes: 98_000 }, 100_000 * 200 + 100 * 500],
    ['the higher tier', 'claude-haiku-5-5', { textBytes: 98_001 }, 100_001 * 1_000 + 100 * 2_500],
  ])('has the price of %s', (_, id, changes, nanoUsd) => {
    expect(worst(id, changes)).toMatchObject({ kind: 'bounded', nanoUsd });
  });

  it('has the prices of the day', () => {
    const model: PricedModel = {
      confidence: 'own',
      prices: [
        { version: '1', inputNanoUsd: 1, outputNanoUsd: 1, until: '2026-11-20' },
        { version: '2', inputNanoUsd: 2, outputNanoUsd: 3, from: '2026-11-22' },
      ],
    };
    const on = (day: string) => worstCaseOf(SIZE, NO_LIMITS, model, Date.parse(day));
    expect(on('2026-11-20')).toMatchObject({ nanoUsd: 3_100 });
    expect(on('2026-11-22')).toMatchObject({ nanoUsd: 6_300 });
    expect(on('2026-11-21')).toMatchObject({ kind: 'unpriced', tokens: 3_100 });
  });

  it('is priority where it may be and has a price', () => {
    const price = { version: 'v', inputNanoUsd: 1_000, outputNanoUsd: 1_000, priorityPerMille: 1_750 };
    const at = (serviceTier: string | undefined, { ...figures } = price as ModelPrice) =>
      worstCaseOf({ ...SIZE, serviceTier }, NO_LIMITS, { prices: [figures], confidence: 'own' }, TODAY);
    expect(at(undefined)).toMatchObject({ nanoUsd: 5_425_000 });
    expect(at('auto')).toMatchObject({ nanoUsd: 5_425_000 });
    expect(at('priority')).toMatchObject({ nanoUsd: 5_425_000 });
    expect(at('default')).toMatchObject({ nanoUsd: 3_100_000 });
    expect(at('standard_only')).toMatchObject({ nanoUsd: 3_100_000 });
    const { priorityPerMille, ...plain } = price;
    expect(at('auto', plain)).toMatchObject({ nanoUsd: 3_100_000 });
    const reason = 'the price of its service tier is not known';
    expect(at('priority', plain)).toMatchObject({ kind: 'unpriced', reason });
    expect(at('flex')).toMatchObject({ kind: 'unpriced', reason });
  });

  it.each([
    ['a fast answer without a price', 'claude-haiku-4-5', { speed: 'fast' }, 'the price of the model is not known'],
    ['searches without one', 'gpt-5', { lookups: [search(1)] }, 'the price of a web search is not known'],
    ['US inference without one', 'gpt-5', { inferenceGeo: 'us' }, 'the price of inference in the US is not known'],
  ])('is unpriced for %s', (_, id, changes, reason) => {
    expect(worst(id, changes)).toMatchObject({ kind: 'unpriced', reason });
  });

  it('is unpriced, with a bound in tokens, for a model nobody knows', () => {
    expect(worstCaseOf(SIZE, NO_LIMITS, undefined, TODAY)).toEqual({
      kind: 'unpriced',
      inputTokens: 3_000,
      outputTokens: 100,
      tokens: 3_100,
      reason: 'the price of the model is not known',
    });
  });

  it.each([
    ['what its body says', { unbounded: 'the tool x runs on' }, 'the tool x runs on'],
    [
      'an answer without a limit',
      { maxOutputTokens: undefined },
      'it sets no limit on its answer and none is known of the model',
    ],
    [
      'a document without one',
      { documents: 1 },
      'it names something of unknown size and the limit of the model is not known',
    ],
    ['figures beyond counting', { maxOutputTokens: 1e16 }, 'it asks for more than can be counted'],
    ['costs beyond counting', { maxOutputTokens: 1e15 }, 'it asks for more than can be counted'],
  ])('is unbounded for %s', (_, changes, reason) => {
    expect(worst('gpt-5', changes)).toEqual({ kind: 'unbounded', reason });
  });
});

const nano = fc.integer({ min: 0, max: 100_000 });
const figures = fc.record(
  {
    inputNanoUsd: nano,
    outputNanoUsd: nano,
    cacheReadNanoUsd: nano,
    cacheWrite5mNanoUsd: nano,
    cacheWrite1hNanoUsd: nano,
    webSearchNanoUsd: nano,
    usInferencePerMille: fc.integer({ min: 500, max: 3_000 }),
    priorityPerMille: fc.integer({ min: 500, max: 3_000 }),
  },
  { requiredKeys: ['inputNanoUsd', 'outputNanoUsd'] },
);
const models = fc.tuple(figures, figures, figures, fc.integer({ min: 0, max: 300_000 })).map(
  ([low, high, fast, tier]): PricedModel => ({
    confidence: 'own',
    prices: [
      { ...low, version: 'low', maxPromptTokens: tier },
      { ...high, version: 'high', minPromptTokens: tier + 1 },
      { ...fast, version: 'fast', speed: 'fast' },
    ],
  }),
);
const maybe = (...values: string[]) => fc.constantFrom(undefined, ...values);
const sizes = fc.record({
  textBytes: fc.integer({ min: 0, max: 400_000 }),
  images: fc.integer({ min: 0, max: 20 }),
  answers: fc.integer({ min: 1, max: 4 }),
  maxOutputTokens: fc.integer({ min: 0, max: 128_000 }),
  searches: fc.integer({ min: 0, max: 5 }),
  serviceTier: maybe('auto', 'priority', 'standard_only'),
  inferenceGeo: maybe('us', 'global'),
  speed: maybe('fast', 'standard'),
});

describe('no answer within the bounds', () => {
  it('costs more than the worst case, whatever its kinds of tokens, tier, place and speed', () => {
    const share = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 });
    const limits = { contextTokens: 200_000, maxOutputTokens: undefined };
    const answered = { tier: maybe('standard', 'priority'), geo: maybe('us', 'not_available'), speed: maybe('fast') };
    let compared = 0;
    fc.assert(
      fc.property(sizes, models, share, fc.record(answered), (drawn, model, shares, answer) => {
        const { searches, ...changes } = drawn;
        const size = { ...SIZE, ...changes, lookups: searches > 0 ? [search(searches)] : [] };
        const bound = worstCaseOf(size, limits, model, TODAY);
        if (bound.kind !== 'bounded') return;
        let left = bound.inputTokens;
        const part = (of: number) => {
          const tokens = Math.round(left * of);
          left -= tokens;
          return tokens;
        };
        const usage = {
          ...NO_USAGE,
          inputTokens: part(shares[0]!),
          cacheReadTokens: part(shares[1]!),
          cacheWrite5mTokens: part(shares[2]!),
          cacheWrite1hTokens: part(shares[3]!),
          outputTokens: Math.round(bound.outputTokens * shares[4]!),
          webSearches: Math.round(searches * shares[5]!),
          // What the request rules out does not happen.
          serviceTier: size.serviceTier === 'standard_only' ? 'standard' : answer.tier,
          inferenceGeo: size.inferenceGeo === 'global' ? 'global' : answer.geo,
          speed: size.speed === 'fast' ? answer.speed : undefined,
        };
        const price = priceUnder(model.prices, {
          atMs: TODAY,
          promptTokens: promptTokens(usage),
          speed: usage.speed,
        });
        const { millionths } = exactCostOf(usage, price, factorsOf(usage)!);
        if (millionths === undefined) return;
        compared += 1;
        expect(wholeNanoUsd(millionths)).toBeLessThanOrEqual(bound.nanoUsd);
      }),
      { numRuns: 5_000 },
    );
    expect(compared).toBeGreaterThan(500);
  });
});
