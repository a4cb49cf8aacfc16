import type { AgentStore } from '../agents/agent-store.ts';
import { agentNotFound, type By } from '../agents/change-agents.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { MoltbotError } from '../core/errors.ts';
import { grantedId } from '../core/ids.ts';
import type { Database } from '../database/database.ts';
import type { Grant, GrantStore } from './grant-store.ts';
import type { ProfileStore } from './profile-store.ts';

/** Grants and the record of who gave them. Every function here changes both in one transaction. */
export interface GrantBooks {
  readonly database: Database;
  readonly agents: AgentStore;
  readonly profiles: ProfileStore;
  readonly grants: GrantStore;
  readonly audit: AuditLog;
}

/** What is lent to whom, and how far. */
export type GrantTerms = Omit<Grant, 'createdAtMs' | 'createdBy'>;

/**
 * Lends a profile to another agent, or changes the limits of a grant. Only an agent's own profile can be lent, so grants
 * never go on from hand to hand. AGENT_NOT_FOUND, PROFILE_NOT_FOUND, USAGE for an agent's own profile.
 */
export function grantProfile(books: GrantBooks, terms: GrantTerms, { actor, nowMs }: By): Grant {
  const { ownerAgentId, profileId, agentId, models, requestsPerMinute } = terms;
  if (agentId === ownerAgentId) {
    throw new MoltbotError('USAGE', `The profile "${profileId}" is agent "${agentId}"'s own.`, {
      hint: 'Name another agent with --to. See the agents: moltbot agents list',
    });
  }
  return books.database.transaction(() => {
    if (!books.agents.has(agentId)) throw agentNotFound(agentId);
    if (!books.profiles.get(ownerAgentId, profileId)) {
      throw new MoltbotError('PROFILE_NOT_FOUND', `Agent "${ownerAgentId}" has no profile "${profileId}".`, {
        hint: `See which there are: moltbot models auth list --agent ${ownerAgentId}`,
      });
    }
    const grant = { ...terms, createdAtMs: nowMs, createdBy: actor };
    books.grants.put(grant);
    const detail = { agentId, models, requestsPerMinute };
    const subject = grantedId(ownerAgentId, profileId);
    books.audit.append({ actor, action: 'credential.granted', subject, detail }, nowMs);
    return grant;
  });
}

/** Ends a grant: answers that it serves are cut. GRANT_NOT_FOUND. */
export function endGrant(
  books: GrantBooks,
  { ownerAgentId, profileId, agentId }: Pick<Grant, 'ownerAgentId' | 'profileId' | 'agentId'>,
  { actor, nowMs }: By,
): void {
  books.database.transaction(() => {
    if (!books.grants.delete(ownerAgentId, profileId, agentId)) {
      throw new MoltbotError(
        'GRANT_NOT_FOUND',
        `The profile "${profileId}" of agent "${ownerAgentId}" is not granted to agent "${agentId}".`,
        { hint: `See what it has: moltbot models auth list --agent ${agentId}` },
      );
    }
    const subject = grantedId(ownerAgentId, profileId);
    books.audit.append({ actor, action: 'credential.grant_ended', subject, detail: { agentId } }, nowMs);
  });
}
