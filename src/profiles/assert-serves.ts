import { MoltbotError } from '../core/errors.ts';
import { parseProfileId, parseServingId } from '../core/ids.ts';
import { printable } from '../core/text.ts';
import type { Provider } from '../providers/provider.ts';
import type { GrantStore } from './grant-store.ts';
import type { ProfileStore } from './profile-store.ts';

/** Where it is written which profiles serve an agent. */
export interface ServingStores {
  readonly profiles: ProfileStore;
  readonly grants: GrantStore;
}

/** A profile that a token is to be pinned to must serve the agent for that provider. PROFILE_NOT_FOUND. */
export function assertServes(stores: ServingStores, agentId: string, provider: Provider, id: string): void {
  if (parseServingId(id).provider === provider.id && serves(stores, agentId, provider, id)) return;
  throw new MoltbotError('PROFILE_NOT_FOUND', `Agent "${agentId}" has no ${provider.id} profile "${printable(id)}".`, {
    hint: `See which there are: moltbot models auth list --agent ${agentId}`,
  });
}

function serves({ profiles, grants }: ServingStores, agentId: string, provider: Provider, id: string): boolean {
  const { ownerAgentId, profileId } = parseServingId(id);
  if (ownerAgentId !== undefined) return grants.get(ownerAgentId, profileId, agentId) !== undefined;
  const { name } = parseProfileId(profileId);
  if (name === 'env' || (name === 'none' && provider.authStyle === 'none')) return true;
  return profiles.get(agentId, profileId) !== undefined;
}
