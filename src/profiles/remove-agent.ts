import { AgentKeyStore } from '../agents/agent-key-store.ts';
import { type AgentBooks, agentNotFound, assertRemovable, type By, endAgent } from '../agents/change-agents.ts';
import { revokeTokens } from '../agents/change-tokens.ts';
import { EnrollmentStore } from '../agents/enrollment-store.ts';
import type { Credentials } from './credentials.ts';
import type { ProfileStore } from './profile-store.ts';

export interface RemovedAgent {
  /** Whose secrets are gone from the vault. */
  readonly profiles: readonly string[];
  /** How many of its tokens were live. */
  readonly tokens: number;
}

/**
 * Ends an agent: its tokens, keys and enrolments at once, then its credentials, then what is left of it. Without
 * credentials of its own all that is one transaction, and needs no vault. When the vault does not open, the agent stays
 * with nothing to identify itself with, and the removal can be run again. AGENT_NOT_FOUND, USAGE for `main`.
 */
export async function removeAgent(
  books: AgentBooks & { readonly profiles: ProfileStore },
  credentials: () => Pick<Credentials, 'remove'>,
  agentId: string,
  by: By,
): Promise<RemovedAgent> {
  assertRemovable(agentId);
  if (!books.agents.has(agentId)) throw agentNotFound(agentId);
  const profiles = profilesOf(books.profiles, agentId);
  const end = (tokens: number) => {
    endAgent(books, agentId, { profiles, tokens }, by);
    return { profiles, tokens };
  };
  if (profiles.length === 0) return books.database.transaction(() => end(shutOut(books, agentId, by)));
  const tokens = shutOut(books, agentId, by);
  for (const profileId of profiles) await credentials().remove(agentId, profileId);
  return end(tokens);
}

/** Leaves the agent nothing that lets it in, nor buys what does; gives how many of its tokens were live. */
function shutOut(books: AgentBooks, agentId: string, by: By): number {
  return books.database.transaction(() => {
    new AgentKeyStore(books.database).remove(agentId);
    new EnrollmentStore(books.database).remove(agentId);
    return revokeTokens(books, agentId, by);
  });
}

/** Also those that an earlier removal, stopped by a locked vault, has left half-way: their secrets are still there. */
function profilesOf(store: ProfileStore, agentId: string): string[] {
  const unfinished = store.unfinished().filter((profile) => profile.agentId === agentId);
  return [...store.list(agentId), ...unfinished].map(({ profileId }) => profileId);
}
