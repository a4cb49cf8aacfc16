import type { Agent } from '../../agents/agent-store.ts';
import { agentNotFound } from '../../agents/change-agents.ts';
import { stopOf } from '../../agents/decide.ts';
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
