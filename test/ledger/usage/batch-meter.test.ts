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
        const meter = new BatchMeter('anthropic-messages');
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
    const meter = new BatchMeter('anthropic-messages');
    const unknown = { ...succeeded({ input_tokens: 5, output_tokens: 1 }) };
    const other = { ...unknown, message: { ...unknown.message, model: 'claude-next-9' } };
    for (const result of [unknown, other]) meter.push(Buffer.from(`${JSON.stringify({ result })}\n`));
    expect(bookingOfAll(meter.readings(), {}, admission)).toMatchObject({ costNanoUsd: null, inputTokens: 10 });
  });

  it('books nothing where no answer is in it', () => {
    const meter = new BatchMeter('anthropic-messages');
    meter.push(Buffer.from(`${JSON.stringify({ result: { type: 'expired' } })}\n\nno json\n`));
    expect(bookingOfAll(meter.readings(), {}, admission)).toBeNull();
  });
});

describe('the meter of files that may be the results of a batch', () => {
  const result = (response: object | null, rest: object = {}) =>
    JSON.stringify({ id: 'batch_req_1', custom_id: 'Grüße', response, error: null, ...rest });
  const chat = { object: 'chat.completion', model: 'gpt-5.4', usage: { prompt_tokens: 3, completion_tokens: 0 } };
  const response = { object: 'response', model: 'gpt-5.4', usage: { input_tokens: 1, output_tokens: 0 } };
  const priced = { ...admission, provider: 'openai' };

  function bookingOf(text: string, places: number[] = []) {
    const meter = new BatchMeter('openai-chat');
    for (const piece of cutAt(Buffer.from(text), places)) meter.push(piece);
    return bookingOfAll(meter.readings(), {}, priced);
  }

  it('adds answers of all kinds at half the price, wherever they are cut', () => {
    const lines = [
      result({ status_code: 200, body: chat }),
      result({ status_code: 400, body: { error: {} } }),
      result(null, { error: { code: 'batch_expired' } }),
      result({ status_code: 200, body: response }),
    ].join('\n');
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 10 }), (places) => {
        // (3 + 1) × 2,500 / 2
        expect(bookingOf(lines, places)).toMatchObject({
          costNanoUsd: 5_000,
          inputTokens: 4,
          serviceTier: 'batch',
          usageState: 'reported',
        });
      }),
    );
  });

  it.each([
    ['the requests of a batch', JSON.stringify({ custom_id: 'a', method: 'POST', url: '/v1/responses', body: chat })],
    ['somebody’s lines', JSON.stringify({ response: { status_code: 200, body: chat } })],
    ['bytes', `\u0000\u0001\n${'x'.repeat(5_000_000)}\n`],
    ['nothing', ''],
  ])('books nothing for %s', (_, text) => {
    expect(bookingOf(text)).toBeNull();
  });

  it('says that figures are missing where an answer is too long to be read', () => {
    const long = result({ status_code: 200, body: { ...chat, text: 'x'.repeat(5_000_000) } });
    expect(bookingOf(`${result({ status_code: 200, body: chat })}\n${long}\n`)).toMatchObject({
      usageState: 'estimated',
      inputTokens: 3,
    });
  });
});
