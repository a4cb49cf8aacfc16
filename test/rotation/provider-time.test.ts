import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { providerTime } from '../../src/rotation/provider-time.ts';
import { NOW } from './samples.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function unified(inMs: number, status = 'rejected'): Record<string, string> {
  return {
    'anthropic-ratelimit-unified-status': status,
    'anthropic-ratelimit-unified-reset': String((NOW + inMs) / 1_000),
  };
}

function bucket(name: string, remaining: string, inMs: number): Record<string, string> {
  const reset = new Date(NOW + inMs).toISOString();
  return { [`anthropic-ratelimit-${name}-remaining`]: remaining, [`anthropic-ratelimit-${name}-reset`]: reset };
}

const AT_NOON = 'Sat, 21 Nov 2026 12:00:00 GMT';

describe('providerTime', () => {
  it.each<[string, Record<string, string>, number | undefined]>([
    ['nothing', {}, undefined],
    ['retry-after-ms before retry-after', { 'retry-after-ms': '2500', 'retry-after': '60' }, 2_500],
    ['retry-after in seconds', { 'retry-after': '120' }, 120 * SECOND],
    ['a fraction of seconds', { 'retry-after': '1.5' }, 1_500],
    ['at least a second', { 'retry-after': '0' }, SECOND],
    ['at most an hour', { 'retry-after': '86400' }, HOUR],
    ['a date', { 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' }, 30 * SECOND],
    [
      "a date corrected by the answer's own",
      { 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT', date: 'Sat, 21 Nov 2026 11:50:20 GMT' },
      610 * SECOND,
    ],
    ['a date in the past', { 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT', date: AT_NOON }, SECOND],
    ['retry-after before the unified reset', { 'retry-after': '60', ...unified(5 * HOUR) }, 60 * SECOND],
    ['a long retry-after beside a unified reset', { 'retry-after': '18000', ...unified(5 * HOUR) }, 5 * HOUR],
    ['the unified reset in full', unified(6 * DAY), 6 * DAY],
    ['no unified reset that was not rejected', unified(6 * DAY, 'allowed_warning'), undefined],
    ['no unified reset in milliseconds', { ...unified(0), 'anthropic-ratelimit-unified-reset': `${NOW}` }, undefined],
    ['a unified reset in the past', unified(-5 * HOUR), SECOND],
    ['the unified reset before buckets', { ...unified(2 * HOUR), ...bucket('requests', '0', 30 * SECOND) }, 2 * HOUR],
    [
      'the latest reset of the used-up buckets',
      {
        ...bucket('requests', '0', 10 * SECOND),
        ...bucket('input-tokens', '0', 40 * SECOND),
        ...bucket('output-tokens', '5', 50 * SECOND),
      },
      40 * SECOND,
    ],
    ['no reset of a bucket with something left', bucket('tokens', '1', 40 * SECOND), undefined],
    [
      'a duration of milliseconds',
      { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6ms' },
      SECOND,
    ],
    [
      'a duration of minutes and seconds',
      { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '1m30s' },
      90 * SECOND,
    ],
    [
      'a duration with fractions',
      { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '0h12m0.5s' },
      720_500,
    ],
    ['a day, within the hour', { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1d' }, HOUR],
    [
      'the later of two durations',
      {
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '20s',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '2s',
      },
      20 * SECOND,
    ],
    ['no duration of a bucket with something left', { 'x-ratelimit-reset-tokens': '6s' }, undefined],
  ])('reads %s', (_promise, headers, expected) => {
    expect(providerTime(headers, NOW)).toBe(expected === undefined ? undefined : NOW + expected);
  });

  it.each([
    '-1',
    '-5',
    'NaN',
    'Infinity',
    '1e99',
    '0x10',
    '',
    ' ',
    'soon',
    '9'.repeat(20),
    'Sat, 99 Zzz 2026 12:00:00 GMT',
  ])('does not believe retry-after %j and goes on to the next source', (value) => {
    expect(providerTime({ 'retry-after': value, ...bucket('requests', '0', 5 * SECOND) }, NOW)).toBe(NOW + 5_000);
  });

  it.each(['yesterday', '1', '', '-5s', '1m30', 's', 'ms', '2026-11-21', '1h1h', '9'.repeat(50)])(
    'does not believe reset %j of a bucket',
    (value) => {
      const headers = { 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': value };
      expect(providerTime(headers, NOW)).toBeUndefined();
    },
  );

  it('is always a whole time between one second and one hour from now, whatever is sent', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.double().map(String),
      fc.constantFrom('0', '6ms'),
    );
    const headers = fc.record({
      'retry-after-ms': hostile,
      'retry-after': hostile,
      date: hostile,
      'x-ratelimit-remaining-tokens': hostile,
      'x-ratelimit-reset-tokens': hostile,
      'anthropic-ratelimit-tokens-remaining': hostile,
      'anthropic-ratelimit-tokens-reset': hostile,
    });
    fc.assert(
      fc.property(headers, (sent) => {
        const atMs = providerTime(sent, NOW);
        if (atMs === undefined) return;
        expect(Number.isSafeInteger(atMs)).toBe(true);
        expect(atMs - NOW).toBeGreaterThanOrEqual(SECOND);
        expect(atMs - NOW).toBeLessThanOrEqual(HOUR);
      }),
    );
  });
});
