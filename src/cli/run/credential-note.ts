import type { App } from '../../app.ts';
import type { Provider } from '../../providers/provider.ts';
import { noApiKeyFound } from '../../rotation/messages.ts';
import { statusFacts } from '../../status/status-facts.ts';

/** The providers among these that the agent has a credential for, its own or the environment's. */
export function withCredential<P extends Pick<Provider, 'id'>>(
  app: App,
  agentId: string,
  providers: readonly P[],
): P[] {
  const { rosters } = statusFacts(app, agentId);
  const served = new Set(rosters.filter(({ roster }) => roster.profiles.length > 0).map(({ provider }) => provider.id));
  return providers.filter(({ id }) => served.has(id));
}

/** What to tell a person whose token would open nothing: undefined where the agent has a credential for one of these. */
export function credentialNote(
  app: App,
  agentId: string,
  providers: readonly Pick<Provider, 'id'>[],
): string | undefined {
  const [first] = providers;
  if (first === undefined || withCredential(app, agentId, providers).length > 0) return undefined;
  const { text, remedy } = noApiKeyFound(first.id, agentId);
  return `${text} ${remedy}`;
}
