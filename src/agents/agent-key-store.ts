import { randomUUID } from 'node:crypto';
import type { Secret } from '../core/secret.ts';
import type { Database } from '../database/database.ts';
import { hashToken } from './access-token.ts';
import { type AgentKeyKind, newAgentKey } from './agent-key.ts';

/** What the database knows of an agent key or client secret: everything but the key. */
export interface AgentKey {
  /** `key_` and 20 hex digits: names it in the audit and in the tokens it asked for, never authenticates. */
  readonly id: string;
  readonly agentId: string;
  readonly kind: AgentKeyKind;
  readonly createdAtMs: number;
  /** Set when it was replaced: it works up to then. */
  readonly expiresAtMs: number | null;
  readonly lastUsedAtMs: number | null;
}

const SELECT = `SELECT id, agent_id AS agentId, kind, created_at_ms AS createdAtMs, expires_at_ms AS expiresAtMs,
  last_used_at_ms AS lastUsedAtMs FROM agent_keys`;

/** Agent keys and client secrets: issue, find, end. The key itself is given out once and never stored. */
export class AgentKeyStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  issue(agentId: string, kind: AgentKeyKind, nowMs: number): { key: Secret; record: AgentKey } {
    const key = newAgentKey(kind);
    const id = `key_${randomUUID().replaceAll('-', '').slice(0, 20)}`;
    this.#database.run(
      'INSERT INTO agent_keys (id, agent_id, kind, key_hash, created_at_ms) VALUES (?, ?, ?, ?, ?)',
      id,
      agentId,
      kind,
      hashToken(key.reveal()),
      nowMs,
    );
    return { key, record: { id, agentId, kind, createdAtMs: nowMs, expiresAtMs: null, lastUsedAtMs: null } };
  }

  findByHash(hash: Uint8Array): AgentKey | undefined {
    return this.#database.get<AgentKey>(`${SELECT} WHERE key_hash = ?`, hash);
  }

  /** Those that still work, newest first. */
  live(agentId: string, nowMs: number): AgentKey[] {
    return this.#database.all<AgentKey>(
      `${SELECT} WHERE agent_id = ? AND (expires_at_ms IS NULL OR expires_at_ms > ?) ORDER BY created_at_ms DESC, id`,
      agentId,
      nowMs,
    );
  }

  /** Lets the keys of that kind work up to `atMs` and no longer; one that ends sooner keeps its end. Gives their number. */
  endBy(agentId: string, kind: AgentKeyKind, atMs: number): number {
    return this.#database.run(
      `UPDATE agent_keys SET expires_at_ms = ?1
       WHERE agent_id = ?2 AND kind = ?3 AND (expires_at_ms IS NULL OR expires_at_ms > ?1)`,
      atMs,
      agentId,
      kind,
    );
  }

  /** Ends every key of the agent at once; gives their number. */
  remove(agentId: string): number {
    return this.#database.run('DELETE FROM agent_keys WHERE agent_id = ?', agentId);
  }

  touch(id: string, nowMs: number): void {
    this.#database.run('UPDATE agent_keys SET last_used_at_ms = ? WHERE id = ?', nowMs, id);
  }
}
