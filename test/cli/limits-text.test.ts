import { expect, it } from 'vitest';
import { limitsText } from '../../src/cli/limits-text.ts';

const NOW = Date.UTC(2026, 10, 21, 15);
const MINUTE_MS = 60_000;

it('limits say how much is used or left, and until when', () => {
  const limits = [
    { name: '5h', used: 0.731, resetsAtMs: NOW + 40 * MINUTE_MS, seenAtMs: NOW },
    { name: '7d', used: 0.03, resetsAtMs: Date.UTC(2026, 10, 27, 9), seenAtMs: NOW },
    { name: 'input-tokens', remaining: 3_999_000, limit: 4_000_000, resetsAtMs: NOW - 1, seenAtMs: NOW - MINUTE_MS },
    { name: 'requests', remaining: 7, seenAtMs: NOW },
  ];
  expect(limitsText(limits, NOW).split('; ')).toEqual([
    '5 h: 73 %, resets 15:40 UTC',
    '7 d: 3 %, resets 2026-11-27 09:00 UTC',
    'input tokens: 3,999,000 of 4,000,000 left at 14:59 UTC, reset since',
    'requests: 7 left at 15:00 UTC',
  ]);
});
