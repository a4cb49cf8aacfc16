import { describe, expect, it } from 'vitest';
import { DIGEST_START, digestOf } from '../../src/ledger/digest.ts';
import { admission, BOOKING } from './samples.ts';

const ROW = {
  ...admission(),
  tokenLabel: null,
  id: 1,
  completion: 1,
  firstByteAtMs: 2_000,
  endedAtMs: 3_000,
  status: 200,
  outcome: 'ok',
  sentBytes: 12,
  isSimulated: false,
  booking: null,
  heldNanoUsd: null,
  heldTokens: null,
} as const;
const hex = (changes: object) => digestOf({ ...ROW, ...changes }, DIGEST_START).toString('hex');

describe('the digest of a row', () => {
  it('is what it was before rows said anything of budgets', () => {
    expect(hex({})).toBe('e43e47877b39cc48061d145ac23b3422fccf7d1c24718e27633f9a848a928678');
    expect(hex({ booking: BOOKING })).toBe('266469feef246f34d2b9dd2e1affeb2da425661ee1530de484b4181c67099249');
  });

  it('is another for every one of these facts', () => {
    const facts = ['reservedNanoUsd', 'reservedTokens', 'boundNanoUsd', 'boundTokens', 'heldNanoUsd', 'heldTokens'];
    const digests = [hex({}), hex({ tokenLabel: '1' }), ...facts.map((fact) => hex({ [fact]: 1 }))];
    expect(new Set(digests).size).toBe(facts.length + 2);
  });
});
