import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CacheReplay } from '../../../src/ledger/cache-advice/cache-replay.ts';
import { betterTtl, lackOfData } from '../../../src/ledger/cache-advice/cache-verdict.ts';
import type { CachedRow } from '../../../src/ledger/cache-advice/cached-rows.ts';
import { bookingOf } from '../../../src/ledger/price-usage.ts';
import { NO_USAGE, type Usage } from '../../../src/ledger/usage/usage.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 1);

interface Line {
  readonly minute: number;
  readonly read?: number;
  readonly write5m?: number;
  readonly write1h?: number;
  readonly model?: string;
  readonly session?: string;
  readonly usage?: Partial<Usage>;
}

/** A row as the ledger books it. */
function row({ minute, read = 0, write5m = 0, write1h = 0, model = 'claude-haiku-4-5', session = 's', usage }: Line) {
  const admittedAtMs = START + minute * MINUTE;
  const used = {
    ...NO_USAGE,
    cacheReadTokens: read,
    cacheWrite5mTokens: write5m,
    cacheWrite1hTokens: write1h,
    ...usage,
  };
  const admission = { provider: 'anthropic', modelServed: model, admittedAtMs, isSubscription: false };
  const booking = bookingOf({ usage: used, model: undefined, state: 'reported' }, {}, admission);
  const whose = { agentId: 'main', profileAgentId: 'main', profileId: 'anthropic:work' };
  return { ...booking, ...admission, ...whose, session } satisfies CachedRow;
}

function replayed(lines: readonly Line[]) {
  const replay = new CacheReplay({});
  for (const line of lines) replay.add(row(line));
  return replay.sums();
}

const nanoUsd = (lines: readonly Line[]) =>
  replayed(lines).map(({ model, cost, bills }) => [
    model,
    cost.costNanoUsd,
    bills['5m'].costNanoUsd,
    bills['1h'].costNanoUsd,
  ]);

describe('both bills', () => {
  it('are of all that the requests cost, at 1.25 times the input for 5 minutes and 2 times for an hour', () => {
    const lines = [
      // 10 × 1,000 + 2 × 5,000 beside 1,000 × 1,250 or 1,000 × 2,000
      { minute: 0, write5m: 1_000, usage: { inputTokens: 10, outputTokens: 2 } },
      // 1,000 × 100 beside 100 × 1,250 or 100 × 2,000
      { minute: 4, read: 1_000, write5m: 100 },
      // 1,200 × 1,250; or 1,100 × 100 and 100 × 2,000
      { minute: 10, write5m: 1_200 },
      // 1,300 × 1,250; or 1,200 × 100 and 100 × 2,000
      { minute: 69, write5m: 1_300 },
      // 1,400 × 1,250; or 1,400 × 2,000
      { minute: 130, write5m: 1_400 },
    ];
    expect(replayed(lines)).toEqual([
      {
        model: 'anthropic/claude-haiku-4-5',
        requests: 5,
        known: 3,
        sessions: 2,
        cost: { cacheReadTokens: 1_000, cacheWriteTokens: 5_000, costNanoUsd: 6_370_000 },
        bills: {
          '5m': { cacheReadTokens: 1_000, cacheWriteTokens: 5_000, costNanoUsd: 6_370_000 },
          '1h': { cacheReadTokens: 3_300, cacheWriteTokens: 2_700, costNanoUsd: 5_750_000 },
        },
        unpriced: 0,
      },
    ]);
  });

  it.each([
    [
      'a twentieth of the input for a read',
      [
        { minute: 0, write5m: 1_000, model: 'claude-opus-5-5' },
        { minute: 6, write5m: 1_000, model: 'claude-opus-5-5' },
      ],
      // 2 × 1,000 × 5,000; 1,000 × 8,000 + 1,000 × 200
      ['anthropic/claude-opus-5-5', 10_000_000, 10_000_000, 8_200_000],
    ],
    [
      'the price of their day: of the last day on which a read of Sonnet 5.5 cost 200, and of the first at 100',
      [
        { minute: -25 * 24 * 60 - 6, write1h: 1_000, model: 'claude-sonnet-5-5' },
        { minute: -25 * 24 * 60, read: 1_000, model: 'claude-sonnet-5-5' },
      ],
      // 1,000 × 4,000 + 1,000 × 100; 2 × 1,000 × 2,500
      ['anthropic/claude-sonnet-5-5', 4_100_000, 5_000_000, 4_100_000],
    ],
    [
      'the tier of the whole prompt, whatever of it is read',
      [
        { minute: 0, write5m: 90_000, usage: { inputTokens: 10_001 }, model: 'claude-haiku-5-5' },
        { minute: 6, write5m: 90_000, usage: { inputTokens: 10_000 }, model: 'claude-haiku-5-5' },
      ],
      // 90,000 × 625 + 10,001 × 500 and 90,000 × 125 + 10,000 × 100; 90,000 × 1,000 + … and 90,000 × 10 + …
      ['anthropic/claude-haiku-5-5', 73_500_500, 73_500_500, 96_900_500],
    ],
    [
      'inference in the US, rounded once per row',
      [
        { minute: 0, write5m: 3, usage: { inferenceGeo: 'us' }, model: 'claude-haiku-5-5' },
        { minute: 6, write5m: 3, usage: { inferenceGeo: 'us' }, model: 'claude-haiku-5-5' },
      ],
      // 3 × 125 × 1.1 = 412.5 → 412, twice; 3 × 200 × 1.1 = 660 and 3 × 10 × 1.1 = 33
      ['anthropic/claude-haiku-5-5', 824, 824, 693],
    ],
  ] as const)('keep %s', (_promise, lines, expected) => {
    expect(nanoUsd(lines)).toEqual([expected]);
  });

  it('are by model in any spelling, and know sessions of different profiles and models apart', () => {
    const lines = [
      { minute: 0, write5m: 1_000 },
      { minute: 1, write5m: 1_000, model: 'claude-opus-4-5' },
      { minute: 6, write5m: 1_000, model: 'claude-haiku-4-5-20251001' },
      { minute: 7, write5m: 1_000, session: 'other' },
    ];
    expect(replayed(lines).map(({ model, requests, known, sessions }) => [model, requests, known, sessions])).toEqual([
      ['anthropic/claude-opus-4-5', 1, 0, 1],
      ['anthropic/claude-haiku-4-5', 3, 1, 2],
    ]);
  });

  it('leave out what has no known price, also where one only lacks that of a lifetime, and count it', () => {
    const replay = new CacheReplay({ 'anthropic/claude-own': { inputUsdPerMillion: 1, outputUsdPerMillion: 5 } });
    const own = { ...row({ minute: 0, write5m: 100, model: 'claude-own' }), costNanoUsd: 100_000 };
    replay.add({ ...row({ minute: 0, write5m: 1_000, model: 'claude-next-9' }) });
    replay.add({ ...own, priceVersion: 'config/that-is-gone' });
    replay.add({ ...row({ minute: 0, write5m: 7, usage: { speed: 'fast' }, model: 'claude-opus-5-5' }) });
    replay.add({
      ...row({ minute: 6, read: 7, usage: { speed: 'fast' }, model: 'claude-opus-5-5' }),
      costNanoUsd: 1,
    });
    expect(replay.sums().map(({ model, requests, unpriced }) => [model, requests, unpriced])).toEqual([
      ['anthropic/claude-opus-5-5', 1, 1],
      ['anthropic/claude-next-9', 0, 1],
      ['anthropic/claude-own', 0, 1],
    ]);
  });
});

/** What a client with a growing prompt uses, whose cache is kept for so long after each use. */
function made(growth: readonly { readonly afterMinutes: number; readonly tokens: number }[], ttl: '5m' | '1h'): Line[] {
  let [minute, marked] = [0, 0];
  return growth.map(({ afterMinutes, tokens }) => {
    minute += afterMinutes;
    const read = afterMinutes <= (ttl === '5m' ? 5 : 60) ? marked : 0;
    marked += tokens;
    return { minute, read, [ttl === '5m' ? 'write5m' : 'write1h']: marked - read };
  });
}

const growth = (afterMinutes: fc.Arbitrary<number>) =>
  fc.array(fc.record({ afterMinutes, tokens: fc.integer({ min: 1, max: 5_000 }) }), { minLength: 1, maxLength: 30 });

describe('a client whose prompt only grows', () => {
  it('has the same two bills whichever lifetime it was really served with, and that one is what it cost', () => {
    fc.assert(
      fc.property(growth(fc.nat(90)), (given) => {
        const [, cost5m, at5m, at1h] = nanoUsd(made(given, '5m'))[0]!;
        const [, cost1h, ...bills] = nanoUsd(made(given, '1h'))[0]!;
        expect([at5m, at1h]).toEqual([cost5m, cost1h]);
        expect(bills).toEqual([cost5m, cost1h]);
      }),
    );
  });

  it('never pays more with 5 minutes while no gap is longer', () => {
    fc.assert(
      fc.property(growth(fc.nat(5)), (given) => {
        const [{ bills }] = replayed(made(given, '5m')) as [ReturnType<typeof replayed>[number]];
        expect(bills['5m'].costNanoUsd).toBeLessThanOrEqual(bills['1h'].costNanoUsd);
      }),
    );
  });

  it('pays less with an hour when gaps are between the two and the prompt is at least as large as what it grows by', () => {
    fc.assert(
      fc.property(growth(fc.integer({ min: 6, max: 60 })), (given) => {
        const long = [{ afterMinutes: 0, tokens: 10_000 }, { afterMinutes: 6, tokens: 5_000 }, ...given];
        const [{ bills }] = replayed(made(long, '5m')) as [ReturnType<typeof replayed>[number]];
        expect(bills['1h'].costNanoUsd).toBeLessThan(bills['5m'].costNanoUsd);
      }),
    );
  });
});

describe('the verdict', () => {
  const bill = (costNanoUsd: number) => ({ cacheReadTokens: 0, cacheWriteTokens: 0, costNanoUsd });
  const sums = (known: number, sessions: number, at5m: number, at1h: number) => ({
    requests: 100,
    known,
    sessions,
    cost: bill(1),
    bills: { '5m': bill(at5m), '1h': bill(at1h) },
    unpriced: 0,
  });

  it.each([
    [50, 5, 2, 1, '1h'],
    [50, 5, 1, 2, '5m'],
    [50, 5, 1, 1, '5m'],
    [49, 5, 2, 1, undefined],
    [50, 4, 2, 1, undefined],
  ] as const)('of %i known requests in %i sessions, %i against %i, is %s', (known, sessions, at5m, at1h, expected) => {
    expect(betterTtl(sums(known, sessions, at5m, at1h))).toBe(expected);
  });

  it('says what is missing', () => {
    expect(lackOfData({ known: 12, sessions: 5 })).toBe('not enough data: 12 of 50 requests that go on from another');
    expect(lackOfData({ known: 12, sessions: 2 })).toBe(
      'not enough data: 12 of 50 requests that go on from another, 2 of 5 sessions',
    );
  });
});
