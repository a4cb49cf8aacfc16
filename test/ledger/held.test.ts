import { describe, expect, it } from 'vitest';
import { heldOf, takenBack } from '../../src/ledger/held.ts';
import type { LedgerOutcome } from '../../src/ledger/ledger-row.ts';
import { admission, BOOKING } from './samples.ts';

const RESERVED = { ...admission(), reservedNanoUsd: 100_000, reservedTokens: 50 };
const ALL = [100_000, 50];
const NOTHING = [null, null];

function held(changes: Partial<Parameters<typeof heldOf>[1]>, admitted = RESERVED) {
  const ended = { status: 200, outcome: 'ok', booking: null, isGuessed: false, ...changes } as const;
  const { heldNanoUsd, heldTokens } = heldOf(admitted, ended);
  return [heldNanoUsd, heldTokens];
}

describe('a reservation', () => {
  it.each<[LedgerOutcome, number | null, (number | null)[]]>([
    ['interrupted', null, ALL],
    ['broken', null, ALL],
    ['client_left', null, ALL],
    ['cut', null, ALL],
    ['ok', 200, ALL],
    ['client_left', 200, ALL],
    ['unreachable', null, NOTHING],
    ['overloaded', 529, NOTHING],
    ['rejected', 400, NOTHING],
    ['broken', 302, NOTHING],
  ])('whose answer (%s, status %s) has no booking stays charged as %j', (outcome, status, expected) => {
    expect(held({ outcome, status })).toEqual(expected);
  });

  it('is over when the usage came, but for the dollars of what has no price', () => {
    expect(held({ booking: BOOKING })).toEqual(NOTHING);
    expect(held({ booking: { ...BOOKING, costNanoUsd: null } })).toEqual([100_000, null]);
  });

  it('is taken back as far as an answer that is fetched later is booked', () => {
    // It is booked with 20,000 and with 12 tokens.
    expect(takenBack({ heldNanoUsd: 100_000, heldTokens: 50 }, BOOKING)).toEqual({
      heldNanoUsd: -20_000,
      heldTokens: -12,
    });
    expect(takenBack({ heldNanoUsd: 7, heldTokens: null }, BOOKING)).toEqual({ heldNanoUsd: -7, heldTokens: null });
    const unpriced = { ...BOOKING, costNanoUsd: null };
    expect(takenBack({ heldNanoUsd: 7, heldTokens: 0 }, unpriced)).toEqual({ heldNanoUsd: null, heldTokens: null });
  });

  it('stays charged as far as a guess falls short of it', () => {
    expect(held({ booking: BOOKING, isGuessed: true })).toEqual([80_000, 38]);
    expect(held({ booking: { ...BOOKING, costNanoUsd: null }, isGuessed: true })).toEqual([100_000, 38]);
    const more = { ...BOOKING, costNanoUsd: 100_000, cacheReadTokens: 38 };
    expect(held({ booking: more, isGuessed: true })).toEqual(NOTHING);
  });

  it('that was none leaves nothing', () => {
    for (const isGuessed of [true, false]) {
      expect(held({ outcome: 'broken', status: null, isGuessed }, { ...admission() } as never)).toEqual(NOTHING);
      expect(held({ booking: BOOKING, isGuessed }, { ...admission() } as never)).toEqual(NOTHING);
    }
  });
});
