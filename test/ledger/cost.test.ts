import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactCostOf, wholeNanoUsd } from '../../src/ledger/cost.ts';
import { NO_USAGE } from '../../src/ledger/usage/usage.ts';

const tokens = fc.integer({ min: 0, max: 1_000_000_000 });
const nanoUsd = fc.integer({ min: 0, max: 1_000_000 });
const usages = fc
  .record({
    inputTokens: tokens,
    cacheReadTokens: tokens,
    cacheWrite5mTokens: tokens,
    cacheWrite1hTokens: tokens,
    outputTokens: tokens,
  })
  .map((counts) => ({ ...NO_USAGE, ...counts }));
const prices = fc.record({
  version: fc.constant('v'),
  inputNanoUsd: nanoUsd,
  outputNanoUsd: nanoUsd,
  cacheReadNanoUsd: nanoUsd,
  cacheWrite5mNanoUsd: nanoUsd,
  cacheWrite1hNanoUsd: nanoUsd,
  batchPerMille: fc.integer({ min: 0, max: 3_000 }),
  usInferencePerMille: fc.integer({ min: 0, max: 3_000 }),
});

describe('the exact cost', () => {
  it('is the sum of tokens times prices, with no factor', () => {
    fc.assert(
      fc.property(usages, prices, (usage, price) => {
        const exact =
          BigInt(usage.inputTokens) * BigInt(price.inputNanoUsd) +
          BigInt(usage.cacheReadTokens) * BigInt(price.cacheReadNanoUsd) +
          BigInt(usage.cacheWrite5mTokens) * BigInt(price.cacheWrite5mNanoUsd) +
          BigInt(usage.cacheWrite1hTokens) * BigInt(price.cacheWrite1hNanoUsd) +
          BigInt(usage.outputTokens) * BigInt(price.outputNanoUsd);
        expect(exactCostOf(usage, price, [])).toEqual({ millionths: exact * 1_000_000n, isEstimated: false });
      }),
    );
  });

  it('is, rounded, never further than half a nano-dollar from the exact cost, and even where it is exactly half', () => {
    const few = fc.integer({ min: 0, max: 2_000 });
    fc.assert(
      fc.property(few, few, prices, (inputTokens, outputTokens, price) => {
        const usage = { ...NO_USAGE, inputTokens, outputTokens };
        const cost = wholeNanoUsd(exactCostOf(usage, price, ['batch', 'usInference']).millionths!);
        const plain =
          BigInt(inputTokens) * BigInt(price.inputNanoUsd) + BigInt(outputTokens) * BigInt(price.outputNanoUsd);
        const millionths = plain * BigInt(price.batchPerMille) * BigInt(price.usInferencePerMille);
        const off = BigInt(cost) * 1_000_000n - millionths;
        expect(off >= -500_000n && off <= 500_000n).toBe(true);
        if (off === 500_000n || off === -500_000n) expect(cost % 2).toBe(0);
      }),
    );
  });

  it('is unknown, never zero, where a price, a factor or the price of a tool is', () => {
    const price = { version: 'v', inputNanoUsd: 1, outputNanoUsd: 1 };
    const unpriced = { millionths: undefined, isEstimated: false };
    expect(exactCostOf(NO_USAGE, undefined, [])).toEqual(unpriced);
    expect(exactCostOf(NO_USAGE, price, ['priority'])).toEqual(unpriced);
    expect(exactCostOf({ ...NO_USAGE, webSearches: 1 }, price, [])).toEqual(unpriced);
    expect(exactCostOf({ ...NO_USAGE, otherToolUses: 1 }, price, [])).toEqual(unpriced);
  });
});
