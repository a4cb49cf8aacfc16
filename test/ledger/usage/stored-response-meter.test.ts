import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoredResponseMeter } from '../../../src/ledger/usage/stored-response-meter.ts';
import { NO_USAGE } from '../../../src/ledger/usage/usage.ts';
import { cutAt } from '../../gateway/stream/streams.ts';

const USAGE = { input_tokens: 10, output_tokens: 3, total_tokens: 13 };
const DONE = { id: 'resp_1', status: 'completed', background: true, model: 'gpt-5', usage: USAGE };
const READING = { usage: { ...NO_USAGE, inputTokens: 10, outputTokens: 3 }, state: 'reported', model: 'gpt-5' };
const event = (type: string, response: object) => `event: ${type}\ndata: ${JSON.stringify({ type, response })}\n\n`;
const EVENTS = `${event('response.created', { ...DONE, usage: null })}: ping\n\n${event('response.completed', DONE)}`;

function readingsOf(text: string, places: readonly number[] = []) {
  const meter = new StoredResponseMeter();
  for (const piece of cutAt(Buffer.from(text), [...places])) meter.push(piece);
  return meter.readings();
}

describe('the meter of responses from the background', () => {
  it.each([
    ['JSON', JSON.stringify(DONE, null, 2)],
    ['events', EVENTS],
  ])('reads one that is done, as %s cut anywhere', (_, text) => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 10 }), (places) => {
        expect(readingsOf(text, places)).toEqual([READING]);
      }),
    );
  });

  it.each([
    ['is not done', JSON.stringify({ ...DONE, status: 'queued', usage: null })],
    ['was made in the foreground, and booked then', JSON.stringify({ ...DONE, background: false })],
    ['is no JSON', 'moved'],
    ['is empty', ''],
  ])('says nothing of one that %s', (_, text) => {
    expect(readingsOf(text)).toEqual([]);
  });
});
