import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CachedPrefix, replayUse } from '../../../src/ledger/cache-advice/cached-prefix.ts';

const MINUTE = 60_000;

/** Minute, read, written for 5 m, written for 1 h → read under 5 m, under 1 h, whether an earlier row is known. */
type Line = readonly [
  minute: number,
  read: number,
  write5m: number,
  write1h: number,
  at5m: number,
  at1h: number,
  known: boolean,
];

function replayed(lines: readonly Line[]): Line[] {
  let prefixes: readonly CachedPrefix[] = [];
  return lines.map(([minute, readTokens, write5mTokens, write1hTokens]) => {
    const result = replayUse(prefixes, { atMs: minute * MINUTE, readTokens, write5mTokens, write1hTokens });
    prefixes = result.prefixes;
    const { reads, isKnown } = result;
    return [minute, readTokens, write5mTokens, write1hTokens, reads['5m'], reads['1h'], isKnown];
  });
}

const CASES: readonly (readonly [promise: string, lines: readonly Line[]])[] = [
  [
    'reads what was read after 4 minutes, and after exactly 5',
    [
      [0, 0, 100, 0, 0, 0, false],
      [4, 100, 20, 0, 100, 100, true],
      [9, 120, 30, 0, 120, 120, true],
    ],
  ],
  [
    'reads under an hour what 5 minutes lost after 6 minutes, after 59, and after 60',
    [
      [0, 0, 100, 0, 0, 0, false],
      [6, 0, 120, 0, 0, 100, true],
      [65, 0, 150, 0, 0, 120, true],
      [125, 0, 160, 0, 0, 150, true],
    ],
  ],
  [
    'knows nothing any more after 61 minutes',
    [
      [0, 0, 100, 0, 0, 0, false],
      [61, 0, 120, 0, 0, 0, false],
    ],
  ],
  [
    'loses under 5 minutes what only an hour kept',
    [
      [0, 0, 0, 100, 0, 0, false],
      [4, 100, 0, 20, 100, 100, true],
      [10, 120, 0, 30, 0, 120, true],
      [69, 150, 0, 10, 0, 150, true],
      [131, 0, 0, 170, 0, 0, false],
    ],
  ],
  [
    'leaves under 5 minutes what was read beside the prefix of the session',
    [
      [0, 40, 0, 60, 40, 40, false],
      [10, 130, 0, 10, 30, 130, true],
    ],
  ],
  [
    'takes a prefix that was shared between sessions as what was read of it',
    [
      [0, 40, 60, 0, 40, 40, false],
      [6, 40, 90, 0, 40, 100, true],
    ],
  ],
  [
    'sees that the client changed its prefix while it was alive',
    [
      [0, 0, 0, 100, 0, 0, false],
      [4, 10, 0, 100, 10, 10, true],
      [20, 30, 0, 90, 0, 30, true],
    ],
  ],
  [
    'goes on from the longest prefix that fits: a subagent does not end the conversation of its session',
    [
      [0, 0, 500, 0, 0, 0, false],
      [7, 0, 100, 0, 0, 0, false],
      [8, 100, 10, 0, 100, 100, true],
      [9, 0, 520, 0, 0, 500, true],
    ],
  ],
  [
    'takes nothing as kept for a conversation that was cut short',
    [
      [0, 0, 500, 0, 0, 0, false],
      [7, 0, 300, 0, 0, 0, false],
      [14, 0, 320, 0, 0, 300, true],
    ],
  ],
  [
    'keeps the part that was written for an hour apart from the part that was not',
    [
      [0, 0, 20, 80, 0, 0, false],
      [6, 80, 40, 0, 0, 100, true],
      [12, 80, 60, 0, 0, 120, true],
    ],
  ],
  [
    'lets a read alone keep a prefix alive',
    [
      [0, 0, 100, 0, 0, 0, false],
      [4, 100, 0, 0, 100, 100, true],
      [8, 100, 0, 0, 100, 100, true],
      [14, 0, 100, 0, 0, 100, true],
    ],
  ],
  [
    'does not mind a clock that was set back',
    [
      [10, 0, 100, 0, 0, 0, false],
      [5, 100, 20, 0, 100, 100, true],
    ],
  ],
];

const uses = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 70 * MINUTE }),
    readTokens: fc.nat(1_000),
    write5mTokens: fc.nat(1_000),
    write1hTokens: fc.nat(1_000),
  }),
);

describe('the replay of a session', () => {
  it.each(CASES)('%s', (_promise, lines) => {
    expect(replayed(lines)).toEqual(lines);
  });

  it('never reads more than is marked, nor less than nothing, nor less for an hour than was read', () => {
    fc.assert(
      fc.property(uses, (given) => {
        let atMs = 0;
        let prefixes: readonly CachedPrefix[] = [];
        for (const { afterMs, ...use } of given) {
          atMs += afterMs;
          const { reads, prefixes: after } = replayUse(prefixes, { atMs, ...use });
          const marked = use.readTokens + use.write5mTokens + use.write1hTokens;
          expect(reads['5m']).toBeGreaterThanOrEqual(0);
          expect(reads['5m']).toBeLessThanOrEqual(use.readTokens);
          expect(reads['1h']).toBeGreaterThanOrEqual(use.readTokens);
          expect(reads['1h']).toBeLessThanOrEqual(marked);
          expect(after.length).toBeLessThanOrEqual(8);
          prefixes = after;
        }
      }),
    );
  });
});
