import { modelsOf } from '../../config/agent-view.ts';
import type { Provider } from '../../providers/provider.ts';
import { type Choice, choose } from '../../rotation/choose.ts';
import { providerOf } from '../../rotation/messages.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { GrantUses } from './grant-uses.ts';

/** An agent and a provider where one of the agent's profiles is out of credit, and what its next request there gets. */
export interface UnpaidPlace {
  readonly agentId: string;
  readonly provider: Provider;
  readonly choice: Choice;
}

type Parts = Pick<GatewayParts, 'books' | 'config' | 'health' | 'now' | 'providers' | 'rosterOf'>;

const NOBODY: ReadonlySet<string> = new Set();

/** Of their owners and of the agents they were lent to. */
export function unpaidPlaces(gateway: Parts): UnpaidPlace[] {
  const places = new Map<string, readonly [agentId: string, providerId: string]>();
  for (const { agentId, profileId, reason } of gateway.health.states) {
    if (reason !== 'billing') continue;
    const lentTo = gateway.books.grants.ofProfile(agentId, profileId).map((grant) => grant.agentId);
    for (const each of [agentId, ...lentTo])
      places.set(`${each}/${providerOf(profileId)}`, [each, providerOf(profileId)]);
  }
  return [...places.values()].flatMap(([agentId, providerId]) => {
    const provider = gateway.providers().get(providerId);
    return provider ? [{ agentId, provider, choice: nextChoice(gateway, agentId, provider) }] : [];
  });
}

/** As `models status` works it out: for the default model, and for the client that may use every kind of credential. */
function nextChoice({ config, health, now, rosterOf }: Parts, agentId: string, provider: Provider): Choice {
  const { profiles, order, pin, misdirected } = rosterOf(agentId, provider);
  const { primary } = modelsOf(config(), agentId);
  const model = primary?.provider === provider.id ? primary.model : undefined;
  const notGranted =
    model === undefined ? [] : new GrantUses().states(profiles, { agentId, model, isModelList: false }, now());
  const { paidFallback } = config().auth;
  const context = { agentId, model, isClaudeCode: true, order, pin, paidFallback, probing: NOBODY, tried: NOBODY };
  return choose(profiles, [...health.states, ...misdirected, ...notGranted], context, now());
}
