import { type AgentBooks, agentNotFound, assertRemovable, type By, endAgent } from '../agents/change-agents.ts';
import { revokeTokens } from '../agents/change-tokens.ts';
import type { Credentials } from './credentials.ts';
import type { ProfileStore } from './profile-store.ts';

export interface RemovedAgent {
  /** Whose secrets are gone from the vault. */
  readonly profiles: readonly string[];
  /** How many of its tokens were live. */
  readonly tokens: number;
}

/**
 * Ends an agent: its tokens at once, then its credentials, then what is left of it in one transaction. When the vault
 * does not open, the agent stays without tokens and the removal can be run again; one without profiles needs no vault.
 * AGENT_NOT_FOUND, USAGE for `main`.
 */
export async function removeAgent(
  books: AgentBooks & { readonly profiles: ProfileStore },
  credentials: () => Pick<Credentials, 'remove'>,
  agentId: string,
  by: By,
): Promise<RemovedAgent> {
  assertRemovable(agentId);
  if (!books.agents.has(agentId)) throw agentNotFound(agentId);
  const tokens = revokeTokens(books, agentId, by);
  const profiles = profilesOf(books.profiles, agentId);
  for (const profileId of profiles) await credentials().remove(agentId, profileId);
  endAgent(books, agentId, { profiles, tokens }, by);
  return { profiles, tokens };
}

/** Also those that an earlier removal, stopped by a locked vault, has left half-way: their secrets are still there. */
function profilesOf(store: ProfileStore, agentId: string): string[] {
  const unfinished = store.unfinished().filter((profile) => profile.agentId === agentId);
  return [...store.list(agentId), ...unfinished].map(({ profileId }) => profileId);
}
