import { describe, expect, it } from 'vitest';
import { widenedBudgets } from '../../src/budgets/widened-budgets.ts';
import { withDefaults } from '../../src/config/with-defaults.ts';

const five = { usd: 5, per: 'day' };
const hard = { ...five, enforcement: 'hard' };
const opus = { inputUsdPerMillion: 5, outputUsdPerMillion: 25 };
const widened = (before: object, after: object) =>
  widenedBudgets(withDefaults(before).config, withDefaults(after).config);
const change = (before: object, after: object) => widened({ budgets: { main: before } }, { budgets: { main: after } });
const prices = (before: object, after: object) =>
  widened(
    { budgets: { main: five }, models: { prices: before } },
    { budgets: { main: five }, models: { prices: after } },
  );

describe('a change of a budget', () => {
  it.each<[string, object, object]>([
    ['raises it', five, { ...five, usd: 5.01 }],
    ['softens it', hard, five],
    ['counts something else', five, { tokens: 1, per: 'day' }],
    ['begins anew sooner', { ...five, per: 'month' }, { ...five, per: 'week' }],
    ['puts days in the place of weeks', { ...five, per: 'week' }, five],
    ['puts a month in the place of 30 days', { ...five, per: '30d' }, { ...five, per: 'month' }],
    ['is about less', { ...five, scope: 'everything' }, five],
    ['is about one model only', five, { ...five, scope: { agent: 'main', model: 'anthropic/claude-haiku-4-5' } }],
    ['lets requests without a price pass', hard, { ...hard, unpricedUsd: 100 }],
    ['charges them less', { ...five, unpricedUsd: 2 }, { ...five, unpricedUsd: 1 }],
  ])('that %s widens', (_what, before, after) => {
    expect(change(before, after)).toEqual(['budgets.main']);
  });

  it.each<[string, object, object]>([
    ['lowers it', five, { ...five, usd: 4.99 }],
    ['hardens it', five, hard],
    ['lasts longer', five, { ...five, per: 'week' }],
    ['never begins anew', { ...five, per: '30d' }, { ...five, per: 'total' }],
    ['is about more', { ...five, scope: { agent: 'main', label: 'team' } }, { ...five, scope: 'everything' }],
    ['names the same agent in another way', five, { ...five, scope: { agent: 'main' } }],
    ['tells sooner', five, { ...five, alertAt: [0.5] }],
    ['refuses requests without a price', { ...hard, unpricedUsd: 100 }, hard],
  ])('that %s does not', (_what, before, after) => {
    expect(change(before, after)).toEqual([]);
  });

  it('that takes it away widens, and one that adds it does not', () => {
    const budgets = { main: five };
    expect(widened({ budgets }, {})).toEqual(['budgets.main']);
    expect(widened({}, { budgets })).toEqual([]);
  });
});

describe('what a budget is reckoned with', () => {
  it('widens with another time zone where days, weeks or months count', () => {
    const zoned = (per: string, timeZone: string) => ({ budgets: { main: { usd: 5, per } }, timeZone });
    expect(widened(zoned('day', 'UTC'), zoned('day', 'Asia/Tokyo'))).toEqual(['timeZone']);
    expect(widened(zoned('30d', 'UTC'), zoned('30d', 'Asia/Tokyo'))).toEqual([]);
  });

  it('widens with own prices that are new, lower or gone, while something is capped in dollars', () => {
    const model = 'anthropic/claude-opus-4-5';
    const key = [`models.prices["${model}"]`];
    expect(prices({}, { [model]: opus })).toEqual(key);
    expect(prices({ [model]: opus }, {})).toEqual(key);
    expect(prices({ [model]: opus }, { [model]: { ...opus, outputUsdPerMillion: 1 } })).toEqual(key);
    expect(prices({ [model]: opus }, { [model]: { ...opus, batchFactor: 0.1 } })).toEqual(key);
    expect(prices({ [model]: opus }, { [model]: { ...opus, outputUsdPerMillion: 30 } })).toEqual([]);
    expect(widened({}, { models: { prices: { [model]: opus } } })).toEqual([]);
  });
});
