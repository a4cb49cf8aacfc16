import type { Gate } from '../agents/policy-gates.ts';
import type { App } from '../app.ts';
import { gatesOf, stopping } from './gates.ts';
import { providerStatus } from './provider-status.ts';
import { statusFacts } from './status-facts.ts';

export interface CurrentGates {
  readonly gates: readonly Gate[];
  /** The closed ones that stop the agent's next request. */
  readonly stopping: readonly Gate[];
}

/** The gates of an agent now, read without the vault and without the network. */
export function currentGates(app: App, agentId: string): CurrentGates {
  const facts = statusFacts(app, agentId);
  const providers = facts.rosters.map(({ provider, roster }) => providerStatus(facts, provider, roster));
  const gates = gatesOf(facts, providers);
  return { gates, stopping: stopping(gates, facts.inUse) };
}
