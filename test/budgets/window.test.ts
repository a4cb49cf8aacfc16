import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BudgetWindow } from '../../src/budgets/budget.ts';
import { windowAt } from '../../src/budgets/window.ts';
import { HOUR_MS } from '../../src/core/time.ts';

const at = (text: string) => Date.parse(text);

function shown(per: BudgetWindow, timeZone: string, moment: string): string {
  const { startMs, endMs } = windowAt(per, timeZone, at(moment));
  const short = (ms: number) => new Date(ms).toISOString().replace(':00.000Z', 'Z');
  return `${short(startMs)} ${short(endMs!)} ${(endMs! - startMs) / HOUR_MS} h`;
}

describe('a day', () => {
  it.each([
    ['is a day of UTC', 'UTC', '2026-11-21T08:00Z', '2026-11-21T00:00Z 2026-11-22T00:00Z 24 h'],
    ['has begun at its first moment', 'UTC', '2026-11-21T00:00Z', '2026-11-21T00:00Z 2026-11-22T00:00Z 24 h'],
    ['is not over in its last', 'UTC', '2026-11-21T23:59:59.999Z', '2026-11-21T00:00Z 2026-11-22T00:00Z 24 h'],
    ['begins at local midnight', 'Europe/Berlin', '2026-11-21T23:30Z', '2026-11-21T23:00Z 2026-11-22T23:00Z 24 h'],
    ['has 23 hours', 'Europe/Berlin', '2026-03-29T10:00Z', '2026-03-28T23:00Z 2026-03-29T22:00Z 23 h'],
    ['has 25 hours', 'Europe/Berlin', '2026-10-25T00:30Z', '2026-10-24T22:00Z 2026-10-25T23:00Z 25 h'],
    ['has 23 hours there', 'America/New_York', '2026-03-08T20:00Z', '2026-03-08T05:00Z 2026-03-09T04:00Z 23 h'],
    ['has 25 hours there', 'America/New_York', '2026-11-01T20:00Z', '2026-11-01T04:00Z 2026-11-02T05:00Z 25 h'],
    ['begins at a quarter hour', 'Asia/Kathmandu', '2026-11-21T18:15Z', '2026-11-21T18:15Z 2026-11-22T18:15Z 24 h'],
    ['grows by half an hour', 'Australia/Lord_Howe', '2026-04-05T00:00Z', '2026-04-04T13:00Z 2026-04-05T13:30Z 24.5 h'],
    ['loses half an hour', 'Australia/Lord_Howe', '2026-10-04T00:00Z', '2026-10-03T13:30Z 2026-10-04T13:00Z 23.5 h'],
    ['without a midnight', 'America/Sao_Paulo', '2018-11-04T03:00Z', '2018-11-04T03:00Z 2018-11-05T02:00Z 23 h'],
    ['before it', 'America/Sao_Paulo', '2018-11-04T02:59Z', '2018-11-03T03:00Z 2018-11-04T03:00Z 24 h'],
    ['that ends twice', 'America/Sao_Paulo', '2018-02-18T02:30Z', '2018-02-17T02:00Z 2018-02-18T03:00Z 25 h'],
    ['without a midnight in Egypt', 'Africa/Cairo', '2026-04-24T12:00Z', '2026-04-23T22:00Z 2026-04-24T21:00Z 23 h'],
    ['that begins twice', 'America/St_Johns', '2010-11-07T02:45Z', '2010-11-07T02:30Z 2010-11-08T03:30Z 25 h'],
    ['before a missing day', 'Pacific/Apia', '2011-12-30T09:59Z', '2011-12-29T10:00Z 2011-12-30T10:00Z 24 h'],
    ['after a missing day', 'Pacific/Apia', '2011-12-30T10:00Z', '2011-12-30T10:00Z 2011-12-31T10:00Z 24 h'],
    [
      'that began before midnight',
      'America/Toronto',
      '1919-03-31T12:00Z',
      '1919-03-31T04:30Z 1919-04-01T04:00Z 23.5 h',
    ],
  ])('%s (%s, %s)', (_, timeZone, moment, expected) => {
    expect(shown('day', timeZone, moment)).toBe(expected);
  });

  it('that begins twice stays begun while the clocks show the day before again', () => {
    // 00:01 → 23:01 at 02:31 UTC.
    expect(shown('day', 'America/St_Johns', '2010-11-07T03:00Z')).toBe('2010-11-07T02:30Z 2010-11-08T03:30Z 25 h');
  });
});

describe('a longer window', () => {
  it.each([
    ['week', 'UTC', '2026-11-22T23:59Z', '2026-11-16T00:00Z 2026-11-23T00:00Z 168 h'],
    ['week', 'UTC', '2026-11-23T00:00Z', '2026-11-23T00:00Z 2026-11-30T00:00Z 168 h'],
    ['week', 'Europe/Berlin', '2026-03-27T00:00Z', '2026-03-22T23:00Z 2026-03-29T22:00Z 167 h'],
    ['week', 'America/New_York', '2026-11-01T12:00Z', '2026-10-26T04:00Z 2026-11-02T05:00Z 169 h'],
    ['week', 'Pacific/Apia', '2011-12-31T00:00Z', '2011-12-26T10:00Z 2012-01-01T10:00Z 144 h'],
    ['month', 'UTC', '2026-12-31T23:59Z', '2026-12-01T00:00Z 2027-01-01T00:00Z 744 h'],
    ['month', 'Europe/Berlin', '2026-10-31T22:59Z', '2026-09-30T22:00Z 2026-10-31T23:00Z 745 h'],
    ['month', 'Asia/Kathmandu', '2028-02-29T00:00Z', '2028-01-31T18:15Z 2028-02-29T18:15Z 696 h'],
  ] as const)('%s in %s at %s', (per, timeZone, moment, expected) => {
    expect(shown(per, timeZone, moment)).toBe(expected);
  });

  it('of thirty days ends with the hour that is under way and moves with it', () => {
    const expected = '2026-10-22T09:00Z 2026-11-21T09:00Z 720 h';
    expect(shown('30d', 'Asia/Kathmandu', '2026-11-21T08:00Z')).toBe(expected);
    expect(shown('30d', 'UTC', '2026-11-21T08:59:59.999Z')).toBe(expected);
    expect(shown('30d', 'UTC', '2026-11-21T09:00Z')).toBe('2026-10-22T10:00Z 2026-11-21T10:00Z 720 h');
  });

  it('in all has no end', () => {
    expect(windowAt('total', 'Europe/Berlin', at('2026-11-21T08:00Z'))).toEqual({ startMs: 0, endMs: null });
  });
});

describe('windows of any zone at any time', () => {
  const moments = fc.integer({ min: at('1990-01-01T00:00Z'), max: at('2060-01-01T00:00Z') });
  const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
  const calendar = fc.constantFrom('day' as const, 'week' as const, 'month' as const);

  it('hold their moment, have no gap between them and begin with the first moment of a day', () => {
    fc.assert(
      fc.property(calendar, zones, moments, (per, timeZone, nowMs) => {
        const { startMs, endMs } = windowAt(per, timeZone, nowMs);
        expect(startMs <= nowMs && nowMs < endMs!).toBe(true);
        expect(windowAt(per, timeZone, startMs)).toEqual({ startMs, endMs });
        expect(windowAt(per, timeZone, endMs!).startMs).toBe(endMs);
        expect(windowAt(per, timeZone, startMs - 1).endMs).toBe(startMs);
        const day = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short' });
        const clock = new Intl.DateTimeFormat('sv', { timeZone, timeStyle: 'medium' });
        const isMidnight = clock.format(startMs) === '00:00:00';
        expect(isMidnight || day.format(startMs) !== day.format(startMs - 1)).toBe(true);
        if (per === 'month') expect(day.format(startMs).endsWith('-01')).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
