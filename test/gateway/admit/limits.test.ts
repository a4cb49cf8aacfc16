import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Limited, Limits } from '../../../src/gateway/admit/limits.ts';

const NOW_MS = 1_800_000_000_000;
const limit = (requestsPerMinute?: number, concurrency?: number, key = 'agent a'): Limited => ({
  key,
  who: 'Agent "a"',
  requestsPerMinute,
  concurrency,
});

/** Whether a request gets in: the seconds it is told to wait, or 0. */
function waits(limits: Limits, all: readonly Limited[], nowMs: number): number {
  return limits.reached(all, nowMs)?.retryAfterSeconds ?? 0;
}

describe('requests a minute', () => {
  it('are as many as allowed in any sixty seconds, and the wait is the time until one leaves them', () => {
    const limits = new Limits();
    const two = [limit(2)];
    limits.enter(two, NOW_MS)();
    limits.enter(two, NOW_MS + 20_000)();
    expect(waits(limits, two, NOW_MS + 20_000)).toBe(40);
    expect(waits(limits, two, NOW_MS + 59_999)).toBe(1);
    limits.enter(two, NOW_MS + 60_000)();
    expect(waits(limits, two, NOW_MS + 60_000)).toBe(20);
    expect(() => limits.enter(two, NOW_MS + 60_000)).toThrow('Agent "a" is at its limit of 2 a minute.');
  });

  it('are not held up by a clock that was set back', () => {
    const limits = new Limits();
    limits.enter([limit(1)], NOW_MS)();
    expect(waits(limits, [limit(1)], NOW_MS - 3_600_000)).toBe(0);
  });

  it('never pass the limit in any sixty seconds (random times)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.integer({ min: 0, max: 30_000 })), (most, steps) => {
        const limits = new Limits();
        const entered: number[] = [];
        let nowMs = NOW_MS;
        for (const step of steps) {
          nowMs += step;
          if (waits(limits, [limit(most)], nowMs) > 0) continue;
          limits.enter([limit(most)], nowMs)();
          entered.push(nowMs);
        }
        for (const atMs of entered)
          expect(entered.filter((other) => other > atMs - 60_000 && other <= atMs).length).toBeLessThanOrEqual(most);
      }),
    );
  });
});

describe('requests under way', () => {
  it('are as many as allowed, and one that has ended makes room', () => {
    const limits = new Limits();
    const leave = limits.enter([limit(undefined, 1)], NOW_MS);
    expect(waits(limits, [limit(undefined, 1)], NOW_MS)).toBe(1);
    leave();
    expect(waits(limits, [limit(undefined, 1)], NOW_MS)).toBe(0);
  });

  it('are remembered when the books are cleaned, and what has long ended is not', () => {
    const limits = new Limits();
    const leave = limits.enter([limit(1, 1)], NOW_MS);
    limits.prune(NOW_MS + 3_600_000);
    expect(waits(limits, [limit(1, 1)], NOW_MS + 3_600_000)).toBe(1);
    leave();
    limits.prune(NOW_MS + 3_600_000);
    expect(waits(limits, [limit(1, 1)], NOW_MS + 3_600_000)).toBe(0);
  });
});

it('a request that one of two limits refuses counts against neither', () => {
  const limits = new Limits();
  const agent = limit(1, undefined, 'agent a');
  const token = limit(undefined, 1, 'token t');
  const leave = limits.enter([token], NOW_MS);
  expect(() => limits.enter([agent, token], NOW_MS)).toThrow('at its limit of 1 at a time');
  leave();
  limits.enter([agent, token], NOW_MS)();
  expect(waits(limits, [agent], NOW_MS)).toBe(60);
});
