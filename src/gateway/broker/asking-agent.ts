import type { Agent } from '../../agents/agent-store.ts';
import { agentNotFound } from '../../agents/change-agents.ts';
import { refusalOf, stopOf } from '../../agents/decide.ts';
import { findProvider } from '../../providers/registry.ts';
import { draining } from '../admit/draining.ts';
import type { GatewayParts } from '../gateway-parts.ts';

/** An agent that may be given a token now. DRAINING, AGENT_EXPIRED, AGENT_PAUSED, each with its gate. */
export function askingAgent(gateway: GatewayParts, agentId: string): Agent {
  if (gateway.isDraining()) throw draining();
  const agent = gateway.books.agents.get(agentId);
  if (!agent) throw agentNotFound(agentId);
  const stop = stopOf({ agent, pause: gateway.books.pauses.of(agentId) }, gateway.now());
  if (stop) throw stop;
  return agent;
}

/** A token may have less than its agent, never more. PROVIDER_NOT_FOUND, PROVIDER_NOT_ALLOWED. */
export function assertProvidersAllowed(gateway: GatewayParts, agent: Agent, providers: readonly string[]): void {
  for (const providerId of providers) {
    findProvider(gateway.providers(), providerId);
    const refusal = refusalOf({ agent, pause: undefined }, { providerId }, gateway.now());
    if (refusal) throw refusal;
  }
}
