import { describe, expect, it } from 'vitest';
import { parseAgentId, parseProfileId } from '../../src/core/ids.ts';

describe('a mistyped id', () => {
  it('is repeated as far as one needs to know it again', () => {
    const shown = `"${'A'.repeat(59)}…"`;
    expect(() => parseAgentId('A'.repeat(5_000))).toThrow(`${shown} is not an agent id.`);
    expect(() => parseProfileId('A'.repeat(5_000))).toThrow(`${shown} is not a profile id.`);
    expect(() => parseAgentId('Me')).toThrow('"Me" is not an agent id.');
  });
});
