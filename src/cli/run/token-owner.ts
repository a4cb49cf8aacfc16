import type { App } from '../../app.ts';
import { MoltbotError } from '../../core/errors.ts';
import { MAIN_AGENT, parseProfileId, parseServingId } from '../../core/ids.ts';
import type { Provider } from '../../providers/provider.ts';

/** Only an agent that exists may own a token. Fails with AGENT_NOT_FOUND. */
export function assertAgent(app: App, agentId: string): void {
  if (agentId === MAIN_AGENT || app.stores().agents.has(agentId)) return;
  throw new MoltbotError('AGENT_NOT_FOUND', `There is no agent "${agentId}".`, {
    hint: `Add it: moltbot agents add ${agentId}, or see which there are: moltbot agents list`,
  });
}

/** A profile that a token is pinned to must be one of the agent's for that provider. Fails with PROFILE_NOT_FOUND. */
export function assertPinnable(app: App, agentId: string, provider: Provider, profileId: string): void {
  if (parseServingId(profileId).provider === provider.id && mayServe(app, agentId, provider, profileId)) return;
  throw new MoltbotError('PROFILE_NOT_FOUND', `Agent "${agentId}" has no ${provider.id} profile "${profileId}".`, {
    hint: `See which there are: moltbot models auth list --agent ${agentId}`,
  });
}

function mayServe(app: App, agentId: string, provider: Provider, id: string): boolean {
  const { ownerAgentId, profileId } = parseServingId(id);
  const { profiles, grants } = app.stores();
  if (ownerAgentId !== undefined) return grants.get(ownerAgentId, profileId, agentId) !== undefined;
  const { name } = parseProfileId(profileId);
  if (name === 'env' || (name === 'none' && provider.authStyle === 'none')) return true;
  return profiles.get(agentId, profileId) !== undefined;
}
