import type { Database } from '../../database/database.ts';
import type { ProfileStore, ProfileUse } from '../../profiles/profile-store.ts';
import type { SessionEntry } from '../../rotation/sessions.ts';

/**
 * What every request changes a little and what may be lost with a crash: which profile a session is on, and when a
 * profile was last used. Written together about once a second, so that no request waits for the disk.
 */
export class LaterWrites {
  readonly #database: Database;
  readonly #profiles: ProfileStore;
  readonly #uses = new Map<string, ProfileUse>();
  readonly #sessions = new Map<string, SessionEntry>();

  constructor(database: Database, profiles: ProfileStore) {
    this.#database = database;
    this.#profiles = profiles;
  }

  noteUse(use: ProfileUse): void {
    this.#uses.set(`${use.agentId}/${use.profileId}`, use);
  }

  noteSession(entry: SessionEntry): void {
    this.#sessions.set(`${entry.agentId}/${entry.provider}/${entry.session}`, entry);
  }

  /** Sessions of the last run that are still alive. */
  loadSessions(): SessionEntry[] {
    return this.#database.all<SessionEntry & Record<string, string | number>>(
      `SELECT agent_id AS agentId, provider, session, profile_id AS profileId, last_used_at_ms AS lastUsedAtMs FROM sessions`,
    );
  }

  flush(nowMs: number): void {
    if (this.#uses.size === 0 && this.#sessions.size === 0) return;
    this.#database.transaction(() => {
      this.#profiles.touch(this.#uses.values());
      for (const entry of this.#sessions.values()) this.#putSession(entry);
      this.#database.run('DELETE FROM sessions WHERE last_used_at_ms < ?', nowMs - 3_600_000);
    });
    this.#uses.clear();
    this.#sessions.clear();
  }

  /** An agent that was removed meanwhile has no sessions any more. */
  #putSession({ agentId, provider, session, profileId, lastUsedAtMs }: SessionEntry): void {
    this.#database.run(
      `INSERT OR REPLACE INTO sessions (agent_id, provider, session, profile_id, last_used_at_ms)
       SELECT id, ?, ?, ?, ? FROM agents WHERE id = ?`,
      provider,
      session,
      profileId,
      lastUsedAtMs,
      agentId,
    );
  }
}
