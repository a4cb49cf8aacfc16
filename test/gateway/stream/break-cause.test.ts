import { expect, it } from 'vitest';
import { isUpstreamsFault } from '../../../src/gateway/stream/break-cause.ts';

it('holds the upstream to account for what it did, and not for what we ended', () => {
  const causes = ['truncated', 'reset', 'garbage', 'silent', 'oversized', 'undecodable'] as const;
  expect(causes.filter(isUpstreamsFault)).toEqual(causes);
  expect((['stopping', 'revoked', 'expired'] as const).filter(isUpstreamsFault)).toEqual([]);
});
