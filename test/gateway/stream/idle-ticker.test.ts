import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { IdleTicker } from '../../../src/gateway/stream/idle-ticker.ts';

describe('IdleTicker', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('ticks all open streams from one interval, with the time of its own clock', () => {
    let nowMs = 0;
    const ticker = new IdleTicker(1_000, () => nowMs);
    const seen: [string, number][] = [];
    ticker.add((atMs) => seen.push(['a', atMs]));
    ticker.add((atMs) => seen.push(['b', atMs]));
    nowMs = 50;
    vi.advanceTimersByTime(1_000);
    expect([seen, vi.getTimerCount(), ticker.now()]).toEqual([
      [
        ['a', 50],
        ['b', 50],
      ],
      1,
      50,
    ]);
  });

  it('stops when the last stream is gone, and starts again with the next', () => {
    const ticker = new IdleTicker(1_000, () => 0);
    let ticks = 0;
    const tick = () => {
      ticks++;
      ticker.remove(tick);
    };
    ticker.add(tick);
    vi.advanceTimersByTime(5_000);
    expect([ticks, vi.getTimerCount()]).toEqual([1, 0]);
    ticker.add(tick);
    vi.advanceTimersByTime(5_000);
    expect([ticks, vi.getTimerCount()]).toEqual([2, 0]);
  });
});
