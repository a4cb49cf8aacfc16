import type { App } from '../app.ts';
import { MoltbotError } from '../core/errors.ts';
import { MAIN_AGENT } from '../core/ids.ts';

export interface RemovedAgent {
  readonly profiles: readonly string[];
  readonly tokens: number;
}

/**
 * Ends an agent: its tokens at once, then its credentials, then what is left of it in one transaction. When the vault
 * does not open, the agent stays without tokens and the removal can be run again. AGENT_NOT_FOUND, USAGE for `main`.
 */
export async function removeAgent(app: App, agentId: string): Promise<RemovedAgent> {
  const { agents, tokens, profiles } = app.stores();
  if (agentId === MAIN_AGENT) throw mainStays();
  if (!agents.has(agentId)) throw notFound(agentId);
  const revoked = tokens.revokeAll(app.now(), agentId);
  const removed = profiles.list(agentId).map(({ profileId }) => profileId);
  for (const profileId of removed) await app.credentials().remove(agentId, profileId);
  agents.remove(agentId);
  return { profiles: removed, tokens: revoked };
}

function mainStays(): MoltbotError {
  return new MoltbotError('USAGE', 'The agent "main" is always there and cannot be removed.', {
    hint: 'Remove its profiles: moltbot models auth list, then moltbot models auth remove <id>',
  });
}

function notFound(agentId: string): MoltbotError {
  return new MoltbotError('AGENT_NOT_FOUND', `There is no agent "${agentId}".`, {
    hint: 'See which there are: moltbot agents list',
  });
}
