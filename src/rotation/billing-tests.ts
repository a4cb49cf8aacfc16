import { MINUTE_MS } from '../core/time.ts';
import type { Blocked } from './choose.ts';
import type { HealthState } from './types.ts';

const RETEST_EVERY_MS = 15 * MINUTE_MS;

/** The newest test of a profile that is out of credit, and whether a person waits for another. */
export interface Retest {
  /** Who owns the profile. */
  readonly agentId: string;
  readonly profileId: string;
  /** Null: nobody waits for one. */
  readonly askedAtMs: number | null;
  /** Null: none was made since the profile ran out of credit. */
  readonly testedAtMs: number | null;
  /** `not_tested`: no credential to be had, or its address is not allowed. A test that passes ends the state and this. */
  readonly verdict: 'valid_unusable' | 'invalid' | 'unreachable' | 'not_tested' | null;
  readonly httpStatus: number | null;
  readonly errorType: string | null;
}

/**
 * The states whose profile is to be tested again now: disabled for billing while no other profile is left, each every
 * 15 minutes, so that topping up an account helps within minutes and not after the backoff. `blocked` is what `choose`
 * gave (so nothing was usable).
 */
export function billingTestsDue(blocked: readonly Blocked[], retests: readonly Retest[], nowMs: number): HealthState[] {
  return unpaid(blocked).filter((state) => nowMs >= nextTestAtMs(state, retests));
}

/** When the gateway tests it again by itself: 15 minutes after its newest test, or after it ran out of credit. */
export function nextTestAtMs(state: HealthState, retests: readonly Retest[]): number {
  return (retestOf(state, retests)?.testedAtMs ?? state.sinceMs) + RETEST_EVERY_MS;
}

export function retestOf(state: HealthState, retests: readonly Retest[]): Retest | undefined {
  return retests.find(({ agentId, profileId }) => agentId === state.agentId && profileId === state.profileId);
}

/** Of what stands in the way, the states that a provider's spend limit or empty credit caused. */
export function unpaid(blocked: readonly Blocked[]): HealthState[] {
  return blocked.map(({ state }) => state).filter(({ reason }) => reason === 'billing');
}
