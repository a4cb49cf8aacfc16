import { describe, expect, it } from 'vitest';
import { bookingOf } from '../../src/ledger/price-usage.ts';
import { NO_USAGE } from '../../src/ledger/usage/usage.ts';
import { UsageMeter } from '../../src/ledger/usage/usage-meter.ts';
import { USAGE_SHAPES } from './usage-shapes.ts';

const NOVEMBER = Date.UTC(2026, 10, 21);
const admission = {
  provider: 'anthropic',
  modelServed: 'claude-haiku-4-5',
  admittedAtMs: NOVEMBER,
  isSubscription: false,
};
const reading = {
  usage: { ...NO_USAGE, inputTokens: 10, outputTokens: 2 },
  state: 'reported' as const,
  model: undefined,
};

describe('what an answer cost', () => {
  it.each(USAGE_SHAPES)('$format $model: $what', ({ format, model, usage, nanoUsd, state, atMs = NOVEMBER }) => {
    const meter = new UsageMeter(format, 100);
    meter.seeBody({ usage });
    const [provider, name] = model.split('/') as [string, string];
    const booking = bookingOf(
      meter.reading(true),
      {},
      { ...admission, provider, modelServed: name, admittedAtMs: atMs },
    );
    expect([booking.costNanoUsd, booking.usageState]).toEqual([nanoUsd, state ?? 'reported']);
  });

  it('is written down with the version of the price', () => {
    expect(bookingOf(reading, {}, admission)).toEqual({
      usageState: 'reported',
      inputTokens: 10,
      cacheReadTokens: 0,
      cacheWrite5mTokens: 0,
      cacheWrite1hTokens: 0,
      outputTokens: 2,
      reasoningTokens: 0,
      webSearches: 0,
      serviceTier: null,
      inferenceGeo: null,
      speed: null,
      costTicks: null,
      costNanoUsd: 20_000,
      priceVersion: '2026-11/anthropic/claude-haiku-4-5/1',
    });
  });

  it('is nothing more under a subscription, whose tokens still count', () => {
    expect(bookingOf(reading, {}, { ...admission, isSubscription: true })).toMatchObject({
      inputTokens: 10,
      costNanoUsd: 0,
      priceVersion: null,
    });
  });

  it('is not known for an unknown model, whose tokens still count', () => {
    expect(bookingOf(reading, {}, { ...admission, modelServed: 'claude-next-9' })).toMatchObject({
      inputTokens: 10,
      costNanoUsd: null,
      priceVersion: null,
    });
  });

  it('goes by the price a person set, and by the model that answered', () => {
    const own = { 'anthropic/claude-next-9': { inputUsdPerMillion: 0.001, outputUsdPerMillion: 7 } };
    expect(bookingOf(reading, own, { ...admission, modelServed: 'claude-next-9' })).toMatchObject({
      costNanoUsd: 14_010,
    });
    expect(bookingOf({ ...reading, model: 'claude-next-9' }, own, admission)).toMatchObject({
      costNanoUsd: 14_010,
    });
    expect(bookingOf({ ...reading, model: 'somebody-elses' }, {}, admission)).toMatchObject({ costNanoUsd: 20_000 });
  });

  it('keeps the ticks of the provider beside it', () => {
    const ticking = { ...reading, usage: { ...reading.usage, costTicks: 1_234 } };
    expect(bookingOf(ticking, {}, { ...admission, provider: 'xai', modelServed: 'grok-4' })).toMatchObject({
      costTicks: 1_234,
      costNanoUsd: 123,
      priceVersion: null,
    });
  });
});
