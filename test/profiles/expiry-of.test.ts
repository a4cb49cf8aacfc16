import { expect, it } from 'vitest';
import { DAY_MS } from '../../src/core/time.ts';
import { expiryOf } from '../../src/profiles/expiry-of.ts';

it.each([
  ['token', undefined, { expiresAtMs: 1_000 + 365 * DAY_MS, expiryAssumed: true }],
  ['token', null, { expiresAtMs: null, expiryAssumed: false }],
  ['token', 5_000, { expiresAtMs: 5_000, expiryAssumed: false }],
  ['api_key', undefined, { expiresAtMs: null, expiryAssumed: false }],
  ['api_key', 5_000, { expiresAtMs: 5_000, expiryAssumed: false }],
] as const)('a %s that is said to end at %s ends there, or when its kind does', (type, saidMs, expiry) => {
  expect(expiryOf(type, saidMs, 1_000)).toEqual(expiry);
});
