import { describe, expect, it } from 'vitest';
import { limitsIn } from '../../src/rotation/limits.ts';
import { standardHeaders } from '../../src/simulator/standard-headers.ts';
import { NOW } from './samples.ts';

const MINUTE_LATER = NOW + 60_000;

describe('the limits that headers tell', () => {
  it('are an API key’s buckets, with the time they are full again', () => {
    expect(limitsIn(standardHeaders('anthropic', 'req_1', 'api_key', true, NOW), NOW)).toEqual([
      { name: 'input-tokens', remaining: 3_999_000, limit: 4_000_000, resetsAtMs: MINUTE_LATER, seenAtMs: NOW },
      { name: 'output-tokens', remaining: 399_000, limit: 400_000, resetsAtMs: MINUTE_LATER, seenAtMs: NOW },
      { name: 'requests', remaining: 3_999, limit: 4_000, resetsAtMs: MINUTE_LATER, seenAtMs: NOW },
      { name: 'tokens', remaining: 4_399_000, limit: 4_400_000, resetsAtMs: MINUTE_LATER, seenAtMs: NOW },
    ]);
  });

  it('are a subscription’s windows, by the share that is used', () => {
    expect(limitsIn(standardHeaders('anthropic', 'req_1', 'token', true, NOW), NOW)).toEqual([
      { name: '5h', used: 0.12, resetsAtMs: NOW + 5 * 3_600_000, seenAtMs: NOW },
      { name: '7d', used: 0.03, resetsAtMs: NOW + 7 * 86_400_000, seenAtMs: NOW },
    ]);
  });

  it.each(['openai', 'xai'] as const)('of %s have resets that are durations', (family) => {
    expect(limitsIn(standardHeaders(family, 'req_1', 'api_key', true, NOW), NOW)).toEqual([
      { name: 'requests', remaining: 4_999, limit: 5_000, resetsAtMs: NOW + 12, seenAtMs: NOW },
      { name: 'tokens', remaining: 3_999_900, limit: 4_000_000, resetsAtMs: NOW + 6, seenAtMs: NOW },
    ]);
  });

  it('are found in any spelling, and the first of a repeated header counts', () => {
    const headers = ['X-RateLimit-Remaining-Tokens', '7', 'x-ratelimit-remaining-tokens', '9'];
    expect(limitsIn(headers, NOW)).toEqual([{ name: 'tokens', remaining: 7, seenAtMs: NOW }]);
  });

  it.each([
    ['no number', ['x-ratelimit-remaining-tokens', '-1', 'x-ratelimit-limit-tokens', '0x10']],
    ['no amount, only a reset', ['anthropic-ratelimit-unified-overage-reset', '1900000000']],
    ['no window', ['anthropic-ratelimit-unified-reset', '1900000000', 'anthropic-ratelimit-unified-status', 'allowed']],
    ['a name that would move a cursor', ['x-ratelimit-remaining-\u001b[2J', '1']],
    ['other headers', ['x-request-id', '1', 'anthropic-version', '2', 'alt-svc', 'h3']],
  ])('are not made up: %s', (_what, headers) => {
    expect(limitsIn(headers, NOW)).toEqual([]);
  });

  it('have no reset where it is further away than any window lasts', () => {
    const [millisecondsAsSeconds, other] = [String(NOW), '2126-01-01T00:00:00Z'];
    const headers = ['anthropic-ratelimit-unified-5h-utilization', '1.02'];
    expect(limitsIn([...headers, 'anthropic-ratelimit-unified-5h-reset', millisecondsAsSeconds], NOW)).toEqual([
      { name: '5h', used: 1.02, seenAtMs: NOW },
    ]);
    const bucket = ['anthropic-ratelimit-tokens-remaining', '0', 'anthropic-ratelimit-tokens-reset', other];
    expect(limitsIn(bucket, NOW)).toEqual([{ name: 'tokens', remaining: 0, seenAtMs: NOW }]);
  });

  it('are a handful, however many an answer names', () => {
    const headers = Array.from({ length: 500 }, (_, n) => [`x-ratelimit-remaining-${n}`, '1']).flat();
    expect(limitsIn(headers, NOW)).toHaveLength(12);
  });
});
