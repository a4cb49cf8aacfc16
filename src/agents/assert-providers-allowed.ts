import type { Agent } from './agent-store.ts';
import { refusalOf } from './decide.ts';

/** A token may have less than its agent, never more. PROVIDER_NOT_ALLOWED; AGENT_EXPIRED for an agent that has ended. */
export function assertProvidersAllowed(agent: Agent, providers: readonly string[], nowMs: number): void {
  for (const providerId of providers) {
    const refusal = refusalOf({ agent, pause: undefined }, { providerId }, nowMs);
    if (refusal) throw refusal;
  }
}
