import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Habit } from '../../src/budgets/habit.ts';

describe('Habit', () => {
  it('is the 95th percentile of the newest 200, once there are 20', () => {
    const figure = fc.integer({ min: 0, max: 50 });
    fc.assert(
      fc.property(fc.array(fc.record({ nanoUsd: figure, tokens: figure }), { maxLength: 450 }), (taken) => {
        const habit = new Habit();
        for (const each of taken) habit.add(each);
        const newest = taken.slice(-200);
        const at = Math.ceil(newest.length * 0.95) - 1;
        const percentile = (figures: number[]) => figures.sort((a, b) => a - b)[at];
        expect(habit.usual).toEqual(
          newest.length < 20
            ? undefined
            : {
                nanoUsd: percentile(newest.map(({ nanoUsd }) => nanoUsd)),
                tokens: percentile(newest.map(({ tokens }) => tokens)),
              },
        );
      }),
    );
  });
});
