import type { AlertDetail, AlertKind } from '../../alerts/alert.ts';
import { chosenProviders, modelsOf } from '../../config/agent-view.ts';
import type { RetestStore } from '../../profiles/retest-store.ts';
import { billingTestsDue, type Retest } from '../../rotation/billing-tests.ts';
import { type SpendLimit, spendLimitIn, spendLimitSentence } from '../../rotation/spend-limit.ts';
import { type UnpaidPlace, unpaidPlaces } from '../choose/unpaid-places.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { BillingRetest } from './billing-retest.ts';

/** An agent that a provider's own spend limit pauses. */
export interface AgentSpendLimit extends SpendLimit {
  readonly agentId: string;
}

/**
 * Which agents a provider's own spend limit pauses now, and the tests that end it: of every profile without credit that
 * a person asks about, and every 15 minutes of those that leave an agent nothing else: then somebody waits for the money.
 */
export class SpendLimits {
  readonly #gateway: GatewayParts;
  readonly #retests: RetestStore;
  readonly #retest: BillingRetest;
  /** By agent and provider. Undefined before the first look: what a gateway finds when it starts has not just begun. */
  #limits: ReadonlyMap<string, AgentSpendLimit> | undefined;

  constructor(gateway: GatewayParts, retests: RetestStore) {
    this.#gateway = gateway;
    this.#retests = retests;
    this.#retest = new BillingRetest(gateway, retests);
  }

  get current(): readonly AgentSpendLimit[] {
    return [...(this.#limits?.values() ?? [])];
  }

  /** Called about every second. */
  look(): void {
    const isAnyUnpaid = this.#gateway.health.states.some(({ reason }) => reason === 'billing');
    const places = isAnyUnpaid ? unpaidPlaces(this.#gateway) : [];
    const retests = isAnyUnpaid ? this.#retests.list() : [];
    this.#notice(new Map(places.flatMap((place) => this.#limitAt(place, retests))));
    const asked = retests.filter(({ askedAtMs }) => askedAtMs !== null);
    for (const each of [...asked, ...this.#due(places, retests)]) this.#retest.start(each);
  }

  #limitAt({ agentId, provider, choice }: UnpaidPlace, retests: readonly Retest[]): [string, AgentSpendLimit][] {
    const chosen = chosenProviders(modelsOf(this.#gateway.config(), agentId));
    if (chosen.length > 0 && !chosen.includes(provider.id)) return [];
    const limit = spendLimitIn({ agentId, provider: provider.id }, choice, retests);
    return limit ? [[`${agentId}/${provider.id}`, { agentId, ...limit }]] : [];
  }

  #due(places: readonly UnpaidPlace[], retests: readonly Retest[]) {
    const blocked = places.flatMap(({ choice }) => (choice.kind === 'blocked' ? choice.blocked : []));
    return billingTestsDue(blocked, retests, this.#gateway.now()).map(({ agentId, profileId }) => ({
      agentId,
      profileId,
      askedAtMs: null,
    }));
  }

  #notice(limits: ReadonlyMap<string, AgentSpendLimit>): void {
    const before = this.#limits;
    this.#limits = limits;
    if (!before) return;
    for (const [place, limit] of limits) if (!before.has(place)) this.#tellBegun(limit);
    for (const [place, limit] of before) if (!limits.has(place)) this.#tellOver(limit);
  }

  #tellBegun(limit: AgentSpendLimit): void {
    const { agentId, provider, sinceMs, nextTestAtMs, lastAnswer, profileIds } = limit;
    const { httpStatus, errorType } = lastAnswer;
    const text = `Agent "${agentId}" is paused. ${spendLimitSentence(limit)}`;
    const detail = { agentId, provider, sinceMs, nextTestAtMs, httpStatus, errorType, profiles: profileIds };
    this.#tell('agent.provider_spend_limit', limit, text, detail);
  }

  #tellOver(limit: AgentSpendLimit): void {
    const { agentId, provider, sinceMs } = limit;
    const text = `Agent "${agentId}" is not paused by a spend limit of ${provider} any more.`;
    this.#tell('agent.provider_spend_limit_over', limit, text, { agentId, provider, sinceMs });
  }

  #tell(kind: AlertKind, { agentId, provider }: AgentSpendLimit, text: string, detail: AlertDetail): void {
    const { alerts, now } = this.#gateway;
    alerts.tell({ kind, atMs: now(), subject: `${agentId} at ${provider}`, text, detail });
  }
}
