import { MINUTE_MS } from '../core/time.ts';
import { testCall } from '../profiles/test-call.ts';
import type { HealthState } from '../rotation/types.ts';
import { isClosed } from '../rotation/window.ts';
import type { GatewayParts } from './gateway-parts.ts';
import type { ServingProfile } from './roster.ts';

const EVERY_MS = 15 * MINUTE_MS;

/**
 * Profiles that ran out of credit are tested again every 15 minutes, but only while no other profile of that agent and
 * provider is left: then somebody is waiting for the money to arrive.
 */
export class BillingRetest {
  readonly #gateway: GatewayParts;
  readonly #lastTestMs = new Map<string, number>();

  constructor(gateway: GatewayParts) {
    this.#gateway = gateway;
  }

  /** Starts the tests that are due. Called about every second; costs nothing while nobody is out of credit. */
  look(): void {
    const { health, now } = this.#gateway;
    for (const state of health.states) {
      if (state.reason !== 'billing' || !isClosed(state, now()) || !this.#isDue(state)) continue;
      const profile = this.#lastHope(state);
      if (!profile) continue;
      this.#lastTestMs.set(keyOf(state), now());
      void this.#test(state, profile).catch(() => {
        // The vault did not open, or the base URL is not allowed: requests say so. The next look is in 15 minutes.
      });
    }
  }

  #isDue(state: HealthState): boolean {
    const last = this.#lastTestMs.get(keyOf(state)) ?? state.sinceMs;
    return this.#gateway.now() - Math.max(last, state.sinceMs) >= EVERY_MS;
  }

  /** The profile of the state, if every profile of its agent and provider is unusable. */
  #lastHope(state: HealthState): ServingProfile | undefined {
    const { providers, rosterOf, health, now } = this.#gateway;
    const provider = providers().get(state.profileId.split(':')[0]!);
    if (!provider) return undefined;
    const { profiles } = rosterOf(state.agentId, provider);
    const isUnusable = ({ id }: ServingProfile) =>
      health.states.some(
        (each) =>
          each.agentId === state.agentId && each.profileId === id && each.model === null && isClosed(each, now()),
      );
    return profiles.every(isUnusable) ? profiles.find(({ id }) => id === state.profileId) : undefined;
  }

  async #test(state: HealthState, profile: ServingProfile): Promise<void> {
    const { credentials, upstream, health, log, now } = this.#gateway;
    const secret = (await credentials.get(profile))?.secret;
    if (!secret) return;
    const result = await testCall(
      upstream,
      { provider: profile.provider, type: profile.type, secret, base: profile.base },
      now,
    );
    log.info(
      { profile: profile.id, agent: profile.agentId, verdict: result.verdict },
      'tested again whether it has credit',
    );
    if (result.verdict === 'valid') health.clear(state.agentId, state.profileId);
  }
}

function keyOf({ agentId, profileId }: HealthState): string {
  return `${agentId}/${profileId}`;
}
