import { MINUTE_MS } from '../core/time.ts';
import type { Blocked } from './choose.ts';

const EVERY_MS = 15 * MINUTE_MS;

/**
 * The profiles whose test call is to be repeated now: disabled for billing while no other profile is left, each every
 * 15 minutes, so that topping up an account helps within minutes and not after the backoff. `blocked` is what `choose`
 * gave (so nothing was usable); `testedAtMs` says when a profile was tested last, by its id.
 */
export function billingTestsDue(
  blocked: readonly Blocked[],
  testedAtMs: ReadonlyMap<string, number>,
  nowMs: number,
): string[] {
  return blocked
    .filter(({ state }) => state.reason === 'billing')
    .filter(({ profileId, state }) => nowMs - (testedAtMs.get(profileId) ?? state.sinceMs) >= EVERY_MS)
    .map(({ profileId }) => profileId);
}
