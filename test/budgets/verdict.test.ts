import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claim, type Standing, verdictOn } from '../../src/budgets/verdict.ts';

const hard = (spent: number, reserved: number): Standing => ({ amount: 100, isHard: true, spent, reserved });
const soft = (spent: number, reserved: number): Standing => ({ amount: 100, isHard: false, spent, reserved });
const claim = (account: Standing, usual: number, bound: number): Claim<Standing> => ({ account, usual, bound });

describe('verdictOn', () => {
  it.each<[string, Claim<Standing>[], string, number[]?]>([
    ['fits where no budget covers it', [], 'fits', []],
    ['holds the worst case in a hard budget', [claim(hard(40, 20), 5, 40)], 'fits', [40]],
    ['waits for others in a hard budget', [claim(hard(40, 21), 5, 40)], 'busy'],
    ['does not wait where waiting cannot help', [claim(hard(61, 0), 5, 40)], 'too_small'],
    ['holds the usual case in a soft budget', [claim(soft(40, 55), 5, 4_000)], 'fits', [5]],
    ['waits for others in a soft budget', [claim(soft(40, 56), 5, 4_000)], 'busy'],
    ['serves a soft budget to its last cent', [claim(soft(99, 0), 5, 4_000)], 'fits', [1]],
    ['stops where all is spent', [claim(soft(100, 0), 5, 40)], 'used_up'],
    ['stops where more than all is spent', [claim(soft(130, 0), 0, 0)], 'used_up'],
    ['holds in all', [claim(hard(0, 0), 5, 40), claim(soft(0, 0), 5, 40)], 'fits', [40, 5]],
    ['or in none', [claim(hard(0, 0), 5, 40), claim(soft(0, 99), 5, 40)], 'busy'],
    ['names what cannot pass before what may', [claim(soft(0, 99), 5, 40), claim(hard(99, 0), 5, 40)], 'too_small'],
    ['names what is used up first', [claim(hard(99, 0), 5, 40), claim(soft(100, 0), 5, 40)], 'used_up'],
  ])('%s', (_what, claims, kind, amounts) => {
    expect(verdictOn(claims)).toMatchObject({ kind, ...(amounts && { amounts }) });
  });

  it('never passes a hard cap, however requests run, end and cost up to their bound', () => {
    const step = fc.record({ bound: fc.nat(60), costs: fc.nat(100), ends: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.nat(200), (steps, amount) => {
        const account = { amount, isHard: true, spent: 0, reserved: 0 };
        const running: { held: number; cost: number }[] = [];
        const settle = ({ held, cost }: { held: number; cost: number }) => {
          account.reserved -= held;
          account.spent += cost;
        };
        for (const { bound, costs, ends } of steps) {
          const verdict = verdictOn([{ account, usual: 1, bound }]);
          if (verdict.kind === 'fits') {
            account.reserved += verdict.amounts[0]!;
            running.push({ held: bound, cost: Math.min(costs, bound) });
          }
          if (ends < 2 && running.length > 0) settle(running.shift()!);
          expect(account.spent + account.reserved).toBeLessThanOrEqual(amount);
        }
        for (const each of running) settle(each);
        expect(account.spent).toBeLessThanOrEqual(amount);
        expect(account.reserved).toBe(0);
      }),
    );
  });
});
