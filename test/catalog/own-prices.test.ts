import { describe, expect, it } from 'vitest';
import { describePrice, priceAt } from '../../src/catalog/catalog-model.ts';
import { priceUnder } from '../../src/catalog/model-price.ts';
import { findModel } from '../../src/catalog/models.ts';
import { pricesOf } from '../../src/catalog/own-prices.ts';

const NOVEMBER = Date.UTC(2026, 10, 21);
const OWN = {
  'anthropic/claude-opus-5.5': { inputUsdPerMillion: 3.125, outputUsdPerMillion: 20, cacheReadUsdPerMillion: 0.3 },
  'local/Llama': { inputUsdPerMillion: 0, outputUsdPerMillion: 0, priorityFactor: 1.75 },
};

describe('prices a person sets', () => {
  it('stand in place of the catalog, in any spelling, with the factors they leave out', () => {
    const price = priceAt(pricesOf(OWN, 'anthropic', 'claude-opus-5-5')!, NOVEMBER)!;
    expect(price).toEqual({
      inputNanoUsd: 3_125,
      outputNanoUsd: 20_000,
      cacheReadNanoUsd: 300,
      webSearchNanoUsd: 10_000_000,
      batchPerMille: 500,
      usInferencePerMille: 1_100,
      version: expect.stringMatching(/^config\/[0-9a-f]{12}$/),
    });
  });

  it('leave fast mode to the catalog', () => {
    const { prices } = pricesOf(OWN, 'anthropic', 'claude-opus-5-5')!;
    expect(priceUnder(prices, { atMs: NOVEMBER, speed: 'fast' })).toMatchObject({ inputNanoUsd: 8_000 });
  });

  it('may be zero, which is not the same as unknown', () => {
    expect(priceAt(pricesOf(OWN, 'local', 'Llama')!, NOVEMBER)).toMatchObject({
      inputNanoUsd: 0,
      priorityPerMille: 1_750,
    });
    expect(pricesOf(OWN, 'local', 'mistral')).toBeUndefined();
  });

  it('change nothing for other models', () => {
    expect(pricesOf(OWN, 'anthropic', 'claude-haiku-4-5')).toBe(findModel('anthropic', 'claude-haiku-4-5'));
  });

  it('have another version when they change', () => {
    const changed = { ...OWN, 'anthropic/claude-opus-5.5': { inputUsdPerMillion: 3, outputUsdPerMillion: 20 } };
    const version = (own: typeof OWN | typeof changed) =>
      priceAt(pricesOf(own, 'anthropic', 'claude-opus-5-5')!, NOVEMBER)!.version;
    expect(version(changed)).not.toBe(version(OWN));
  });

  it('are shown as what they are', () => {
    expect(describePrice(pricesOf(OWN, 'anthropic', 'claude-opus-5-5')!, NOVEMBER)).toBe(
      '$3.125 in · $20 out per 1M tokens (set in the config)',
    );
  });
});
