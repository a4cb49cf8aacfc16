import { grantedId } from '../../core/ids.ts';
import type { RetestStore } from '../../profiles/retest-store.ts';
import { testCall } from '../../profiles/test-call.ts';
import type { Retest } from '../../rotation/billing-tests.ts';
import { providerOf } from '../../rotation/messages.ts';
import type { GatewayParts } from '../gateway-parts.ts';

/** A profile by its owner, and the question that its test answers. */
type Due = Pick<Retest, 'agentId' | 'profileId' | 'askedAtMs'>;
type Failed = Pick<Retest, 'verdict' | 'httpStatus' | 'errorType'>;

const NOT_TESTED: Failed = { verdict: 'not_tested', httpStatus: null, errorType: null };

/** Repeats the test call of profiles that ran out of credit: a pass ends their state, anything else is written down. */
export class BillingRetest {
  readonly #gateway: GatewayParts;
  readonly #store: RetestStore;
  /** Those under way, or not written down yet. */
  readonly #testing = new Set<string>();

  constructor(gateway: GatewayParts, store: RetestStore) {
    this.#gateway = gateway;
    this.#store = store;
  }

  /** Starts a test, unless one of that profile is under way. */
  start(due: Due): void {
    const name = grantedId(due.agentId, due.profileId);
    if (this.#testing.has(name)) return;
    this.#testing.add(name);
    void this.#test(due, name);
  }

  async #test({ agentId, profileId, askedAtMs }: Due, name: string): Promise<void> {
    const { health, persist, now } = this.#gateway;
    const failed = await this.#ask(agentId, profileId);
    if (!failed) health.clear(agentId, profileId);
    persist(() => {
      if (failed) this.#store.note({ agentId, profileId, testedAtMs: now(), ...failed }, askedAtMs);
      this.#testing.delete(name);
    });
  }

  /** Undefined: it passed. */
  async #ask(agentId: string, profileId: string): Promise<Failed | undefined> {
    const { providers, rosterOf, credentials, upstream, log, now } = this.#gateway;
    const who = { profile: profileId, agent: agentId };
    try {
      const provider = providers().get(providerOf(profileId));
      const profile = provider && rosterOf(agentId, provider).profiles.find((each) => each.id === profileId);
      const secret = profile && (await credentials.get(profile))?.secret;
      if (!secret) return NOT_TESTED;
      const { type, base } = profile;
      const { verdict, statusCode, judgement } = await testCall(upstream, { provider, type, secret, base }, now);
      log.info({ ...who, verdict }, 'tested again whether there is credit');
      if (verdict === 'valid') return undefined;
      return { verdict, httpStatus: statusCode, errorType: judgement.errorType ?? null };
    } catch (error) {
      // The vault did not open, or the address is not allowed: requests say so by name. Next look in 15 minutes.
      log.warn({ ...who, name: error instanceof Error ? error.name : '' }, 'could not be tested');
      return NOT_TESTED;
    }
  }
}
