import { describe, expect, it } from 'vitest';
import { usd } from '../../src/core/usd.ts';

describe('nano-dollars in dollars', () => {
  it.each([
    [0, '0.000000'],
    [1, '0.000000'],
    [500, '0.000000'],
    [501, '0.000001'],
    [1_500, '0.000002'],
    [2_500, '0.000002'],
    [19_750_000, '0.019750'],
    [1_999_999_500, '2.000000'],
    [9_007_199_254_740_991, '9007199.254741'],
  ])('%i are %s', (nanoUsd, text) => {
    expect(usd(nanoUsd)).toBe(text);
  });
});
