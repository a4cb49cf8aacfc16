import type { Database } from '../../database/database.ts';
import { LimitStore, type ProfileLimits } from '../../profiles/limit-store.ts';
import type { ProfileStore, ProfileUse } from '../../profiles/profile-store.ts';
import { limitsIn } from '../../rotation/limits.ts';
import type { SessionEntry } from '../../rotation/sessions.ts';
import type { RawHeaders } from '../headers/raw-headers.ts';

interface AnswerHead {
  readonly status: number;
  readonly rawHeaders: RawHeaders;
}

/** A busy profile's answers are looked at once in this time. */
const LIMITS_EVERY_MS = 1_000;

/**
 * What every request changes a little and what may be lost with a crash: which profile a session is on, when a
 * profile was last used, and what its provider says of its limits. Written together about once a second, so that no
 * request waits for the disk.
 */
export class LaterWrites {
  readonly #database: Database;
  readonly #profiles: ProfileStore;
  readonly #uses = new Map<string, ProfileUse>();
  readonly #sessions = new Map<string, SessionEntry>();
  readonly #limitStore: LimitStore;
  readonly #limits = new Map<string, ProfileLimits>();
  readonly #limitsReadAtMs = new Map<string, number>();

  constructor(database: Database, profiles: ProfileStore) {
    this.#database = database;
    this.#profiles = profiles;
    this.#limitStore = new LimitStore(database);
  }

  noteUse(use: ProfileUse): void {
    this.#uses.set(`${use.agentId}/${use.profileId}`, use);
  }

  noteSession(entry: SessionEntry): void {
    this.#sessions.set(`${entry.agentId}/${entry.provider}/${entry.session}`, entry);
  }

  /**
   * Reads what the headers of an answer say of the profile's limits, if they were not read within this second. A 429 is
   * always read: it may be the last answer for hours.
   */
  noteLimits({ agentId, profileId }: Omit<ProfileLimits, 'limits'>, answer: AnswerHead, nowMs: number): void {
    const key = `${agentId}/${profileId}`;
    // A clock that was set back holds nothing up.
    const isRead = Math.abs(nowMs - (this.#limitsReadAtMs.get(key) ?? 0)) < LIMITS_EVERY_MS;
    if (isRead && answer.status !== 429) return;
    this.#limitsReadAtMs.set(key, nowMs);
    const limits = limitsIn(answer.rawHeaders, nowMs);
    if (limits.length > 0) this.#limits.set(key, { agentId, profileId, limits });
  }

  /** Sessions of the last run that are still alive. */
  loadSessions(): SessionEntry[] {
    return this.#database.all<SessionEntry & Record<string, string | number>>(
      `SELECT agent_id AS agentId, provider, session, profile_id AS profileId, last_used_at_ms AS lastUsedAtMs FROM sessions`,
    );
  }

  flush(nowMs: number): void {
    if (this.#uses.size === 0 && this.#sessions.size === 0 && this.#limits.size === 0) return;
    this.#database.transaction(() => {
      this.#profiles.touch(this.#uses.values());
      for (const each of this.#limits.values()) this.#limitStore.put(each);
      for (const entry of this.#sessions.values()) this.#putSession(entry);
      this.#database.run('DELETE FROM sessions WHERE last_used_at_ms < ?', nowMs - 3_600_000);
    });
    this.#uses.clear();
    this.#sessions.clear();
    this.#limits.clear();
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
