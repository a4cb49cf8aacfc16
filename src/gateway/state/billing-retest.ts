import { testCall } from '../../profiles/test-call.ts';
import { billingTestsDue } from '../../rotation/billing-tests.ts';
import { choose } from '../../rotation/choose.ts';
import { providerOf } from '../../rotation/messages.ts';
import type { ServingProfile } from '../choose/roster.ts';
import type { GatewayParts } from '../gateway-parts.ts';

const NOBODY: ReadonlySet<string> = new Set();

/**
 * Repeats the test call of profiles that ran out of credit, every 15 minutes and only while no other profile of that
 * agent and provider is left: then somebody is waiting for the money to arrive.
 */
export class BillingRetest {
  readonly #gateway: GatewayParts;
  /** Agent → profile → when it was tested last. */
  readonly #testedAtMs = new Map<string, Map<string, number>>();

  constructor(gateway: GatewayParts) {
    this.#gateway = gateway;
  }

  /** Starts the tests that are due. Called about every second; costs nothing while nobody is out of credit. */
  look(): void {
    const billing = this.#gateway.health.states.filter(({ reason }) => reason === 'billing');
    const places = new Map(
      billing.map(({ agentId, profileId }) => [`${agentId}/${providerOf(profileId)}`, { agentId, profileId }]),
    );
    for (const { agentId, profileId } of places.values()) this.#lookAt(agentId, providerOf(profileId));
  }

  #lookAt(agentId: string, providerId: string): void {
    const { providers, rosterOf, health, now } = this.#gateway;
    const provider = providers().get(providerId);
    if (!provider) return;
    const { profiles, order, pin } = rosterOf(agentId, provider);
    const context = {
      agentId,
      model: undefined,
      isClaudeCode: true,
      order,
      pin,
      probing: health.probing,
      tried: NOBODY,
    };
    const choice = choose(profiles, health.states, context, now());
    if (choice.kind !== 'blocked') return;
    const tested = this.#testedAtMs.get(agentId) ?? new Map<string, number>();
    this.#testedAtMs.set(agentId, tested);
    for (const id of billingTestsDue(choice.blocked, tested, now())) {
      tested.set(id, now());
      void this.#test(profiles.find((profile) => profile.id === id)!);
    }
  }

  async #test(profile: ServingProfile): Promise<void> {
    const { credentials, upstream, health, log, now } = this.#gateway;
    try {
      const secret = (await credentials.get(profile))?.secret;
      if (!secret) return;
      const { provider, type, base } = profile;
      const { verdict } = await testCall(upstream, { provider, type, secret, base }, now);
      log.info({ profile: profile.id, agent: profile.agentId, verdict }, 'tested again whether there is credit');
      if (verdict === 'valid') health.clear(profile.agentId, profile.profileId);
    } catch (error) {
      // The vault did not open, or the address is not allowed: requests say so by name. Next look in 15 minutes.
      log.warn(
        { profile: profile.id, agent: profile.agentId, name: error instanceof Error ? error.name : '' },
        'could not be tested',
      );
    }
  }
}
