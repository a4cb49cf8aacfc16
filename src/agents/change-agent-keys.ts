import { MAIN_AGENT } from '../core/ids.ts';
import type { Secret } from '../core/secret.ts';
import type { AgentKeyKind } from './agent-key.ts';
import { type AgentKey, AgentKeyStore } from './agent-key-store.ts';
import { type AgentBooks, agentNotFound, type By } from './change-agents.ts';
import { EnrollmentStore } from './enrollment-store.ts';

export interface NewAgentKey {
  /** Given out once and never stored. */
  readonly key: Secret;
  readonly record: AgentKey;
  /** How many older keys of its kind it replaces; they work up to the end of the grace time. */
  readonly replaced: number;
}

/**
 * Makes an agent key, or with `client_secret` the secret of its OAuth client credentials. Older ones of that kind work for
 * `graceMs` more, so that nothing fails while the new one is put in its place. AGENT_NOT_FOUND.
 */
export function rotateAgentKey(
  books: AgentBooks,
  agentId: string,
  { kind, graceMs }: { readonly kind: AgentKeyKind; readonly graceMs: number },
  { actor, nowMs }: By,
): NewAgentKey {
  const keys = new AgentKeyStore(books.database);
  return books.database.transaction(() => {
    if (!books.agents.has(agentId)) throw agentNotFound(agentId);
    const replaced = keys.endBy(agentId, kind, nowMs + graceMs);
    const { key, record } = keys.issue(agentId, kind, nowMs);
    const action = replaced > 0 ? 'agent_key.replaced' : 'agent_key.created';
    const detail = { keyId: record.id, kind, ...(replaced > 0 && { replaced, graceMs }) };
    books.audit.append({ actor, action, subject: agentId, detail }, nowMs);
    return { key, record, replaced };
  });
}

/**
 * Ends what an agent can identify itself with, and all its tokens. An agent without credentials of its own goes with
 * them; the others stay for a person to remove, because what a person stored is not an agent's to delete. Works with a
 * locked vault. Gives what ended. AGENT_NOT_FOUND.
 */
export function unenrollAgent(
  books: AgentBooks,
  agentId: string,
  { actor, nowMs }: By,
): { readonly tokens: number; readonly keys: number; readonly removed: boolean } {
  return books.database.transaction(() => {
    if (!books.agents.has(agentId)) throw agentNotFound(agentId);
    const tokens = books.tokens.revokeAll(nowMs, agentId);
    const keys = new AgentKeyStore(books.database).remove(agentId);
    // One that was approved and not fetched yet would give it a key again.
    new EnrollmentStore(books.database).remove(agentId);
    const removed = isRemovable(books, agentId) && books.agents.remove(agentId);
    const detail = { tokens, keys, removed };
    books.audit.append({ actor, action: 'agent.unenrolled', subject: agentId, detail }, nowMs);
    return detail;
  });
}

/** Deleting the record of a profile would leave its secret in the vault, where nobody finds it. */
function isRemovable({ database }: AgentBooks, agentId: string): boolean {
  if (agentId === MAIN_AGENT) return false;
  return database.get('SELECT 1 FROM profiles WHERE agent_id = ?', agentId) === undefined;
}
