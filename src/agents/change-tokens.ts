import { MoltbotError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import { printable } from '../core/text.ts';
import { type AgentBooks, agentNotFound, type By } from './change-agents.ts';
import { policyText } from './policy.ts';
import type { AccessToken, TokenGrant } from './token-store.ts';

/** Issues a token, which is given out once and never stored. AGENT_NOT_FOUND. */
export function issueToken(
  books: AgentBooks,
  grant: TokenGrant,
  { actor, nowMs }: By,
): { token: Secret; record: AccessToken } {
  return books.database.transaction(() => {
    if (!books.agents.has(grant.agentId)) throw agentNotFound(grant.agentId);
    const issued = books.tokens.issue(grant, nowMs);
    const { accessor, providers, profileId, label, expiresAtMs, usesLeft } = issued.record;
    const policy = policyText(issued.record.policy);
    const detail = { agentId: grant.agentId, providers, profileId, label, expiresAtMs, usesLeft, policy };
    books.audit.append({ actor, action: 'token.issued', subject: accessor, detail }, nowMs);
    return issued;
  });
}

/**
 * Moves the expiry of a renewable token, and gives it as it is then; undefined when it was revoked or its time to renew is
 * over. Whether the asker owns it is the caller's to check.
 */
export function renewToken(
  books: AgentBooks,
  accessor: string,
  ttlMs: number,
  { actor, nowMs }: By,
): AccessToken | undefined {
  return books.database.transaction(() => {
    if (!books.tokens.renew(accessor, ttlMs, nowMs)) return undefined;
    const token = books.tokens.find(accessor)!;
    const detail = { agentId: token.agentId, expiresAtMs: token.expiresAtMs };
    books.audit.append({ actor, action: 'token.renewed', subject: accessor, detail }, nowMs);
    return token;
  });
}

/** Ends one token at once; false when it was already revoked. TOKEN_NOT_FOUND. */
export function revokeToken(books: AgentBooks, accessor: string, { actor, nowMs }: By): boolean {
  return books.database.transaction(() => {
    const token = books.tokens.find(accessor);
    if (!token) {
      throw new MoltbotError('TOKEN_NOT_FOUND', `There is no token with the accessor "${printable(accessor)}".`, {
        hint: 'See the accessors: moltbot active',
      });
    }
    const was = books.tokens.revoke(accessor, nowMs);
    const detail = { agentId: token.agentId };
    if (was) books.audit.append({ actor, action: 'token.revoked', subject: accessor, detail }, nowMs);
    return was;
  });
}

/** Ends every live token of an agent, or of all; gives their number. AGENT_NOT_FOUND. */
export function revokeTokens(books: AgentBooks, agentId: string | undefined, { actor, nowMs }: By): number {
  return books.database.transaction(() => {
    if (agentId !== undefined && !books.agents.has(agentId)) throw agentNotFound(agentId);
    const count = books.tokens.revokeAll(nowMs, agentId);
    books.audit.append({ actor, action: 'token.revoked', subject: agentId ?? '*', detail: { count } }, nowMs);
    return count;
  });
}
