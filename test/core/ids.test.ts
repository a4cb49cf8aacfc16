import { describe, expect, it } from 'vitest';
import { newRequestId, parseAgentId, parseProfileId } from '../../src/core/ids.ts';

describe('a mistyped id', () => {
  it('is repeated as far as one needs to know it again', () => {
    const shown = `"${'A'.repeat(59)}…"`;
    expect(() => parseAgentId('A'.repeat(5_000))).toThrow(`${shown} is not an agent id.`);
    expect(() => parseProfileId('A'.repeat(5_000))).toThrow(`${shown} is not a profile id.`);
    expect(() => parseAgentId('Me')).toThrow('"Me" is not an agent id.');
  });
});

describe('a request id', () => {
  it('begins with the time, so that neighbours in time are neighbours in an index, and is unlike any other', () => {
    const beforeMs = Date.now();
    const ids = Array.from({ length: 1_000 }, newRequestId);
    const timesMs = ids.map((id) => Number.parseInt(/^mbr_([0-9a-f]{12})[0-9a-f]{12}$/.exec(id)![1]!, 16));
    expect(timesMs).toEqual(timesMs.toSorted((a, b) => a - b));
    expect(timesMs[0]).toBeGreaterThanOrEqual(beforeMs);
    expect(timesMs.at(-1)).toBeLessThanOrEqual(Date.now());
    expect(new Set(ids).size).toBe(ids.length);
  });
});
