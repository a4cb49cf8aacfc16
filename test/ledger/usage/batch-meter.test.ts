import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bookingOfAll } from '../../../src/ledger/price-usage.ts';
import { BatchMeter } from '../../../src/ledger/usage/batch-meter.ts';
import { cutAt } from '../../gateway/stream/streams.ts';

const succeeded = (usage: object) => ({ type: 'succeeded', message: { model: 'claude-haiku-5-5', usage } });
const RESULTS = [
  // 3 × 125 / 2 = 187.5
  succeeded({ input_tokens: 0, cache_creation_input_tokens: 3, output_tokens: 0 }),
  { type: 'errored', error: { type: 'error' } },
  // 1 × 125 / 2 = 62.5
  succeeded({ input_tokens: 0, cache_creation_input_tokens: 1, output_tokens: 0, service_tier: 'batch' }),
  { type: 'canceled' },
];
const TEXT = RESULTS.map((result, n) => JSON.stringify({ custom_id: `Grüße ${n}`, result })).join('\n');
const admission = { provider: 'anthropic', modelServed: null, admittedAtMs: 1_800_000_000_000, isSubscription: false };

describe('the meter of batches', () => {
  it('adds the answers wherever they are cut, rounds their cost once, and passes over what failed', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 10 }), fc.boolean(), (places, endsInLine) => {
        const meter = new BatchMeter();
        for (const piece of cutAt(Buffer.from(endsInLine ? `${TEXT}\n` : TEXT), places)) meter.push(piece);
        expect(bookingOfAll(meter.readings(), {}, admission)).toMatchObject({
          costNanoUsd: 250,
          cacheWrite5mTokens: 4,
          serviceTier: 'batch',
          usageState: 'reported',
          priceVersion: '2026-11/anthropic/claude-haiku-5-5/1',
        });
      }),
    );
  });

  it('is unpriced as a whole where one answer is', () => {
    const meter = new BatchMeter();
    const unknown = { ...succeeded({ input_tokens: 5, output_tokens: 1 }) };
    const other = { ...unknown, message: { ...unknown.message, model: 'claude-next-9' } };
    for (const result of [unknown, other]) meter.push(Buffer.from(`${JSON.stringify({ result })}\n`));
    expect(bookingOfAll(meter.readings(), {}, admission)).toMatchObject({ costNanoUsd: null, inputTokens: 10 });
  });

  it('books nothing where no answer is in it', () => {
    const meter = new BatchMeter();
    meter.push(Buffer.from(`${JSON.stringify({ result: { type: 'expired' } })}\n\nno json\n`));
    expect(bookingOfAll(meter.readings(), {}, admission)).toBeNull();
  });
});
