import { newAccessor } from '../core/ids.ts';
import type { Secret } from '../core/secret.ts';
import type { Database } from '../database/database.ts';
import { hashToken, newAccessToken } from './access-token.ts';
import { parseTokenPolicy, policyText, type TokenPolicy } from './policy.ts';

/** What the database knows of an access token: everything but the token. */
export interface AccessToken {
  readonly accessor: string;
  readonly agentId: string;
  /** Null: every provider of the agent. */
  readonly providers: readonly string[] | null;
  /** The only profile that may serve. */
  readonly profileId: string | null;
  /** Narrows what its agent may do. */
  readonly policy: TokenPolicy;
  /** Requests it may still make; null: as many as it likes. */
  readonly usesLeft: number | null;
  /** The agent key that asked for it; null where its owner made it on the gateway host. */
  readonly agentKeyId: string | null;
  readonly label: string | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly renewUntilMs: number | null;
  /** When it was first refused as expired; from then on it stays refused, whatever the clock says. */
  readonly refusedAtMs: number | null;
  readonly revokedAtMs: number | null;
}

export interface TokenGrant {
  readonly agentId: string;
  readonly providers?: readonly string[] | undefined;
  readonly profileId?: string | undefined;
  readonly policy?: TokenPolicy | undefined;
  readonly uses?: number | undefined;
  readonly agentKeyId?: string | undefined;
  readonly label?: string | undefined;
  readonly ttlMs: number;
  readonly renewForMs?: number | undefined;
}

export interface LiveQuery {
  readonly agentId?: string | undefined;
  readonly after?: Pick<AccessToken, 'createdAtMs' | 'accessor'> | undefined;
  /** -1: all. */
  readonly limit?: number | undefined;
}

type TokenRow = Omit<AccessToken, 'providers' | 'policy'> & {
  readonly providers: string | null;
  readonly policy: string | null;
};

const COLUMNS = `accessor, agent_id AS agentId, providers, profile_id AS profileId, policy,
  uses_left AS usesLeft, agent_key_id AS agentKeyId, label, created_at_ms AS createdAtMs,
  expires_at_ms AS expiresAtMs, renew_until_ms AS renewUntilMs, refused_at_ms AS refusedAtMs, revoked_at_ms AS revokedAtMs`;

/** Access tokens: issue, find, renew, revoke. The token itself is given out once and never stored. */
export class TokenStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  issue(grant: TokenGrant, nowMs: number): { token: Secret; record: AccessToken } {
    const token = newAccessToken();
    const record: AccessToken = {
      accessor: newAccessor(),
      agentId: grant.agentId,
      providers: grant.providers ?? null,
      profileId: grant.profileId ?? null,
      policy: grant.policy ?? {},
      usesLeft: grant.uses ?? null,
      agentKeyId: grant.agentKeyId ?? null,
      label: grant.label ?? null,
      createdAtMs: nowMs,
      expiresAtMs: nowMs + grant.ttlMs,
      renewUntilMs: grant.renewForMs === undefined ? null : nowMs + grant.renewForMs,
      refusedAtMs: null,
      revokedAtMs: null,
    };
    this.#database.run(
      `INSERT INTO access_tokens (accessor, token_hash, agent_id, providers, profile_id, label, created_at_ms, expires_at_ms,
         renew_until_ms, policy, uses_left, agent_key_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      record.accessor,
      hashToken(token.reveal()),
      record.agentId,
      record.providers && JSON.stringify(record.providers),
      record.profileId,
      record.label,
      record.createdAtMs,
      record.expiresAtMs,
      record.renewUntilMs,
      policyText(grant.policy),
      record.usesLeft,
      record.agentKeyId,
    );
    return { token, record };
  }

  findByHash(hash: Uint8Array): AccessToken | undefined {
    const row = this.#database.get<TokenRow>(`SELECT ${COLUMNS} FROM access_tokens WHERE token_hash = ?`, hash);
    return row && toToken(row);
  }

  find(accessor: string): AccessToken | undefined {
    const row = this.#database.get<TokenRow>(`SELECT ${COLUMNS} FROM access_tokens WHERE accessor = ?`, accessor);
    return row && toToken(row);
  }

  /** Tokens that can still be used, newest first: of all agents or one, those after `after`, at most `limit`. */
  live(nowMs: number, { agentId, after, limit = -1 }: LiveQuery = {}): AccessToken[] {
    return this.#database
      .all<TokenRow>(
        `SELECT ${COLUMNS} FROM access_tokens
         WHERE revoked_at_ms IS NULL AND refused_at_ms IS NULL AND expires_at_ms > ?1 AND (?2 IS NULL OR agent_id = ?2)
           AND (?3 IS NULL OR created_at_ms < ?3 OR (created_at_ms = ?3 AND accessor > ?4))
         ORDER BY created_at_ms DESC, accessor LIMIT ?5`,
        nowMs,
        agentId ?? null,
        after?.createdAtMs ?? null,
        after?.accessor ?? null,
        limit,
      )
      .map(toToken);
  }

  /** How many live tokens each agent has; those with none are not in it. */
  liveByAgent(nowMs: number): ReadonlyMap<string, number> {
    const rows = this.#database.all<{ agentId: string; live: number }>(
      `SELECT agent_id AS agentId, count(*) AS live FROM access_tokens
       WHERE revoked_at_ms IS NULL AND refused_at_ms IS NULL AND expires_at_ms > ? GROUP BY agent_id`,
      nowMs,
    );
    return new Map(rows.map(({ agentId, live }) => [agentId, live]));
  }

  /**
   * Moves the expiry of a `moltbot run` token: its owner's right, never the token's. Also revives one that was refused
   * as expired (a laptop that slept). False when it was revoked or its 7 days are over.
   */
  renew(accessor: string, ttlMs: number, nowMs: number): boolean {
    return (
      this.#database.run(
        `UPDATE access_tokens SET expires_at_ms = min(?, renew_until_ms), refused_at_ms = NULL
         WHERE accessor = ? AND revoked_at_ms IS NULL AND renew_until_ms > ?`,
        nowMs + ttlMs,
        accessor,
        nowMs,
      ) === 1
    );
  }

  /** Remembers that an expired token was refused, so that a clock set back does not revive it. */
  markRefused(accessor: string, nowMs: number): void {
    this.#database.run(
      'UPDATE access_tokens SET refused_at_ms = ? WHERE accessor = ? AND refused_at_ms IS NULL',
      nowMs,
      accessor,
    );
  }

  /** Takes one use of a token that has a count; false when none is left. Of parallel requests each takes its own. */
  takeUse(accessor: string): boolean {
    return (
      this.#database.run(
        'UPDATE access_tokens SET uses_left = uses_left - 1 WHERE accessor = ? AND uses_left > 0',
        accessor,
      ) === 1
    );
  }

  revoke(accessor: string, nowMs: number): boolean {
    return (
      this.#database.run(
        'UPDATE access_tokens SET revoked_at_ms = ? WHERE accessor = ? AND revoked_at_ms IS NULL',
        nowMs,
        accessor,
      ) === 1
    );
  }

  /** Revokes every live token, or those of one agent; gives their number. */
  revokeAll(nowMs: number, agentId?: string): number {
    return this.#database.run(
      `UPDATE access_tokens SET revoked_at_ms = ?1
       WHERE revoked_at_ms IS NULL AND max(expires_at_ms, coalesce(renew_until_ms, 0)) > ?1 AND (?2 IS NULL OR agent_id = ?2)`,
      nowMs,
      agentId ?? null,
    );
  }

  /** Drops rows nobody can ask about any more: ended longer ago than `keepMs`. */
  prune(nowMs: number, keepMs: number): number {
    return this.#database.run(
      'DELETE FROM access_tokens WHERE max(expires_at_ms, coalesce(renew_until_ms, 0)) < ?',
      nowMs - keepMs,
    );
  }
}

function toToken(row: TokenRow): AccessToken {
  const { providers, policy, ...rest } = row;
  return {
    ...rest,
    providers: providers === null ? null : (JSON.parse(providers) as string[]),
    policy: parseTokenPolicy(policy),
  };
}
