import type { Secret } from '../core/secret.ts';
import { MINUTE_MS } from '../core/time.ts';
import type { Database } from '../database/database.ts';
import { hashToken } from './access-token.ts';
import { ADMIN_KEY_PREFIX, type AdminRole } from './admin-key.ts';
import { isWellFormedKeyText, newKeyText } from './key-text.ts';

/** What the database knows of an admin key: everything but the key. */
export interface AdminKey {
  readonly id: string;
  readonly role: AdminRole;
  readonly label: string;
  readonly createdAtMs: number;
  readonly revokedAtMs: number | null;
  /** To the minute. */
  readonly lastUsedAtMs: number | null;
}

const SELECT = `SELECT id, role, label, created_at_ms AS createdAtMs, revoked_at_ms AS revokedAtMs,
  last_used_at_ms AS lastUsedAtMs FROM admin_keys`;

/** Keys for the management API over TCP. The key itself is given out once and never stored. */
export class AdminKeyStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  create(id: string, role: AdminRole, label: string, nowMs: number): { key: Secret; record: AdminKey } {
    const key = newKeyText(ADMIN_KEY_PREFIX);
    this.#database.run(
      'INSERT INTO admin_keys (id, key_hash, role, label, created_at_ms) VALUES (?, ?, ?, ?, ?)',
      id,
      hashToken(key.reveal()),
      role,
      label,
      nowMs,
    );
    return { key, record: { id, role, label, createdAtMs: nowMs, revokedAtMs: null, lastUsedAtMs: null } };
  }

  /** Newest first, revoked ones among them. */
  list(): AdminKey[] {
    return this.#database.all<AdminKey>(`${SELECT} ORDER BY created_at_ms DESC, id`);
  }

  find(id: string): AdminKey | undefined {
    return this.#database.get<AdminKey>(`${SELECT} WHERE id = ?`, id);
  }

  /** The live key with this text. Every text is hashed and looked up, also a malformed one: all refusals cost the same. */
  findByText(text: string): AdminKey | undefined {
    const key = this.#database.get<AdminKey>(`${SELECT} WHERE key_hash = ? AND revoked_at_ms IS NULL`, hashToken(text));
    return isWellFormedKeyText(ADMIN_KEY_PREFIX, text) ? key : undefined;
  }

  /** Notes a use; a write per minute is enough. */
  touch({ id, lastUsedAtMs }: AdminKey, nowMs: number): void {
    if (lastUsedAtMs !== null && nowMs - lastUsedAtMs < MINUTE_MS) return;
    this.#database.run('UPDATE admin_keys SET last_used_at_ms = ? WHERE id = ?', nowMs, id);
  }

  revoke(id: string, nowMs: number): boolean {
    return (
      this.#database.run(
        'UPDATE admin_keys SET revoked_at_ms = ? WHERE id = ? AND revoked_at_ms IS NULL',
        nowMs,
        id,
      ) === 1
    );
  }
}
