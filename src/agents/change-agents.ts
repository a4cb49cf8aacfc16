import type { Actor } from '../audit/actor.ts';
import type { AuditDetail, AuditLog } from '../audit/audit-log.ts';
import { MoltbotError } from '../core/errors.ts';
import { MAIN_AGENT } from '../core/ids.ts';
import type { Database } from '../database/database.ts';
import type { AgentStore, AgentTerms } from './agent-store.ts';
import { EVERYONE, type PauseStore } from './pause-store.ts';
import type { TokenStore } from './token-store.ts';

/** The state of agents and the record of who changed it. Every function here changes both in one transaction. */
export interface AgentBooks {
  readonly database: Database;
  readonly agents: AgentStore;
  readonly tokens: TokenStore;
  readonly pauses: PauseStore;
  readonly audit: AuditLog;
}

/** Who decides, and when. */
export interface By {
  readonly actor: Actor;
  readonly nowMs: number;
}

/** Adds an agent without credentials. ALREADY_EXISTS. */
export function addAgent(books: AgentBooks, agentId: string, terms: AgentTerms, { actor, nowMs }: By): void {
  books.database.transaction(() => {
    if (!books.agents.add(agentId, nowMs, terms)) {
      throw new MoltbotError('ALREADY_EXISTS', `There already is an agent "${agentId}".`, {
        hint: 'See the agents: moltbot agents list',
      });
    }
    books.audit.append({ actor, action: 'agent.added', subject: agentId, detail: detailOf(terms) }, nowMs);
  });
}

/** Puts new terms in place of those that are named. AGENT_NOT_FOUND. */
export function changeAgent(books: AgentBooks, agentId: string, terms: AgentTerms, { actor, nowMs }: By): void {
  books.database.transaction(() => {
    if (!books.agents.change(agentId, terms)) throw agentNotFound(agentId);
    books.audit.append({ actor, action: 'agent.changed', subject: agentId, detail: detailOf(terms) }, nowMs);
  });
}

/**
 * Ends what is left of an agent whose profiles are gone: tokens, keys, pauses, grants to it, pending enrolments of its
 * name. The same name later revives none of them. AGENT_NOT_FOUND, USAGE for `main`.
 */
export function endAgent(books: AgentBooks, agentId: string, detail: AuditDetail, { actor, nowMs }: By): void {
  assertRemovable(agentId);
  books.database.transaction(() => {
    if (!books.agents.remove(agentId)) throw agentNotFound(agentId);
    books.audit.append({ actor, action: 'agent.removed', subject: agentId, detail }, nowMs);
  });
}

/** Pauses an agent or everything (`*`); false when a person had already done so. AGENT_NOT_FOUND. */
export function pauseAgent(books: AgentBooks, agentId: string, reason: string, { actor, nowMs }: By): boolean {
  return books.database.transaction(() => {
    if (agentId !== EVERYONE && !books.agents.has(agentId)) throw agentNotFound(agentId);
    const isNew = books.pauses.set({ agentId, cause: 'person', reason, sinceMs: nowMs, by: actor });
    if (isNew) books.audit.append({ actor, action: 'agent.paused', subject: agentId, detail: { reason } }, nowMs);
    return isNew;
  });
}

/** Ends a person's pause; false when there was none. AGENT_NOT_FOUND. */
export function resumeAgent(books: AgentBooks, agentId: string, { actor, nowMs }: By): boolean {
  return books.database.transaction(() => {
    if (agentId !== EVERYONE && !books.agents.has(agentId)) throw agentNotFound(agentId);
    const was = books.pauses.clear(agentId, 'person');
    if (was) books.audit.append({ actor, action: 'agent.resumed', subject: agentId }, nowMs);
    return was;
  });
}

export function assertRemovable(agentId: string): void {
  if (agentId !== MAIN_AGENT) return;
  throw new MoltbotError('USAGE', 'The agent "main" is always there and cannot be removed.', {
    hint: 'Remove its profiles: moltbot models auth list, then moltbot models auth remove <id>',
  });
}

export function agentNotFound(agentId: string): MoltbotError {
  return new MoltbotError('AGENT_NOT_FOUND', `There is no agent "${agentId}".`, {
    hint: `Add it: moltbot agents add ${agentId}, or see which there are: moltbot agents list`,
  });
}

function detailOf({ expiresAtMs, policy, labels }: AgentTerms): AuditDetail {
  return {
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    ...(policy && { policy: JSON.stringify(policy) }),
    ...(labels && { labels: JSON.stringify(labels) }),
  };
}
