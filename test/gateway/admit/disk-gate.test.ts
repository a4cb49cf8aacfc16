import { describe, expect, it } from 'vitest';
import { diskGate, diskRefusal } from '../../../src/gateway/admit/disk-gate.ts';
import { answerOf } from '../../../src/gateway/answer/error-answer.ts';

const MB = 1_048_576;

describe('the gate of the disk', () => {
  it('is closed below what must be free, and not at it, nor where nothing must be or is known', () => {
    const [gate] = diskGate(1_024 * MB - 1, 1_024);
    expect(gate).toEqual({
      name: 'disk',
      open: false,
      why: "Only 1,023 MB are free on the disk of the gateway's state, and 1,024 MB must be, so nothing is forwarded.",
    });
    for (const [free, min] of [
      [1_024 * MB, 1_024],
      [0, 0],
      [undefined, 1_024],
    ] as const)
      expect(diskGate(free, min)).toEqual([]);
  });

  it('is an answer that clients may try again', () => {
    const [gate] = diskGate(0, 1);
    expect(answerOf(diskRefusal(gate!), 'anthropic')).toMatchObject({
      status: 503,
      code: 'DISK_FULL',
      mayRetry: true,
      gate: 'disk',
    });
  });
});
