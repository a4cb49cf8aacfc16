import { grantedId } from '../core/ids.ts';
import type { Database, Row } from '../database/database.ts';
import type { CredentialType } from '../providers/provider.ts';

/** What the database knows of a credential: everything but the secret. Times are epoch milliseconds. */
export interface Profile {
  readonly agentId: string;
  /** `anthropic:work` */
  readonly profileId: string;
  readonly provider: string;
  readonly type: CredentialType;
  /** Only `active` profiles exist for the outside; the other two are what a crash may leave for the start-up check. */
  readonly state: 'pending' | 'active' | 'removing';
  /** Masked: prefix and last four. */
  readonly label: string;
  /** HMAC of the secret with a local key, 8 hex digits: tells two credentials apart, reveals nothing. */
  readonly fingerprint: string;
  /** Null: the provider's own base URL. */
  readonly baseUrl: string | null;
  /** The only origin the secret may be sent to. */
  readonly origin: string;
  /** Goes up with every replacement, so that a holder of the old secret notices. */
  readonly generation: number;
  readonly createdAtMs: number;
  readonly replacedAtMs: number | null;
  readonly lastUsedAtMs: number | null;
  readonly expiresAtMs: number | null;
  /** The expiry was not said by anyone: a setup-token lives for a year. */
  readonly expiryAssumed: boolean;
}

/** A use of a profile, to be remembered. */
export interface ProfileUse {
  readonly agentId: string;
  readonly profileId: string;
  readonly atMs: number;
}

type ProfileRow = Omit<Profile, 'expiryAssumed'> & { readonly expiryAssumed: number };

const SELECT = `SELECT agent_id AS agentId, profile_id AS profileId, provider, type, state, label, fingerprint, base_url AS baseUrl,
  origin, generation, created_at_ms AS createdAtMs, replaced_at_ms AS replacedAtMs, last_used_at_ms AS lastUsedAtMs,
  expires_at_ms AS expiresAtMs, expiry_assumed AS expiryAssumed FROM profiles`;

/** The records of profiles. Readable without the vault; only `Credentials` adds, replaces and removes them. */
export class ProfileStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Active profiles, of one agent or of all, by agent and id. */
  list(agentId?: string): Profile[] {
    return this.#select(
      "WHERE state = 'active' AND (?1 IS NULL OR agent_id = ?1) ORDER BY agent_id, profile_id",
      agentId ?? null,
    );
  }

  /** The active profile of that id. */
  get(agentId: string, profileId: string): Profile | undefined {
    const profile = this.find(agentId, profileId);
    return profile?.state === 'active' ? profile : undefined;
  }

  /** The record in whatever state. */
  find(agentId: string, profileId: string): Profile | undefined {
    return this.#select('WHERE agent_id = ? AND profile_id = ?', agentId, profileId)[0];
  }

  /** Records that a crash left between two steps. */
  unfinished(): Profile[] {
    return this.#select("WHERE state <> 'active' ORDER BY agent_id, profile_id");
  }

  /** Inserts or overwrites a record. Never by REPLACE: that deletes the row, and its grants would go with it. */
  put(profile: Profile): void {
    this.#database.run(
      `INSERT INTO profiles (agent_id, profile_id, provider, type, state, label, fingerprint, base_url, origin,
         generation, created_at_ms, replaced_at_ms, last_used_at_ms, expires_at_ms, expiry_assumed)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (agent_id, profile_id) DO UPDATE SET provider = excluded.provider, type = excluded.type,
         state = excluded.state, label = excluded.label, fingerprint = excluded.fingerprint,
         base_url = excluded.base_url, origin = excluded.origin, generation = excluded.generation,
         created_at_ms = excluded.created_at_ms, replaced_at_ms = excluded.replaced_at_ms,
         last_used_at_ms = excluded.last_used_at_ms, expires_at_ms = excluded.expires_at_ms,
         expiry_assumed = excluded.expiry_assumed`,
      profile.agentId,
      profile.profileId,
      profile.provider,
      profile.type,
      profile.state,
      profile.label,
      profile.fingerprint,
      profile.baseUrl,
      profile.origin,
      profile.generation,
      profile.createdAtMs,
      profile.replacedAtMs,
      profile.lastUsedAtMs,
      profile.expiresAtMs,
      profile.expiryAssumed ? 1 : 0,
    );
  }

  setState(agentId: string, profileId: string, state: Profile['state']): void {
    this.#database.run(
      'UPDATE profiles SET state = ? WHERE agent_id = ? AND profile_id = ?',
      state,
      agentId,
      profileId,
    );
  }

  /** Puts another base URL of the same origin and another, now stated, expiry in place. */
  change(
    agentId: string,
    profileId: string,
    { baseUrl, expiresAtMs }: { readonly baseUrl: string | null; readonly expiresAtMs: number | null },
  ): void {
    this.#database.run(
      `UPDATE profiles SET base_url = ?1, expiry_assumed = expiry_assumed AND expires_at_ms IS ?2, expires_at_ms = ?2
       WHERE agent_id = ?3 AND profile_id = ?4`,
      baseUrl,
      expiresAtMs,
      agentId,
      profileId,
    );
  }

  /** Deletes the record with everything that names it: health, sessions, remembered ids, grants (by the schema). */
  delete(agentId: string, profileId: string): boolean {
    return this.#database.transaction(() => {
      for (const table of ['health', 'sessions', 'owned_ids'])
        this.#database.run(`DELETE FROM ${table} WHERE agent_id = ? AND profile_id = ?`, agentId, profileId);
      for (const table of ['sessions', 'owned_ids'])
        this.#database.run(`DELETE FROM ${table} WHERE profile_id = ?`, grantedId(agentId, profileId));
      return this.#database.run('DELETE FROM profiles WHERE agent_id = ? AND profile_id = ?', agentId, profileId) === 1;
    });
  }

  /**
   * Gives the record another id, and with it everything that names it; live tokens pinned to it follow, also those of
   * agents it is granted to.
   */
  rename(agentId: string, profileId: string, newId: string): void {
    this.#database.transaction(() => {
      for (const table of ['profiles', 'health', 'sessions', 'owned_ids', 'access_tokens'])
        this.#database.run(
          `UPDATE ${table} SET profile_id = ? WHERE agent_id = ? AND profile_id = ?`,
          newId,
          agentId,
          profileId,
        );
      for (const table of ['sessions', 'owned_ids', 'access_tokens'])
        this.#database.run(
          `UPDATE ${table} SET profile_id = ? WHERE profile_id = ?`,
          grantedId(agentId, newId),
          grantedId(agentId, profileId),
        );
    });
  }

  /** Writes down when profiles were last used; one transaction for all of them, and never backwards. */
  touch(uses: Iterable<ProfileUse>): void {
    this.#database.transaction(() => {
      for (const use of uses)
        this.#database.run(
          `UPDATE profiles SET last_used_at_ms = max(coalesce(last_used_at_ms, 0), ?)
           WHERE agent_id = ? AND profile_id = ?`,
          use.atMs,
          use.agentId,
          use.profileId,
        );
    });
  }

  #select(where: string, ...values: Row[string][]): Profile[] {
    return this.#database.all<ProfileRow>(`${SELECT} ${where}`, ...values).map(toProfile);
  }
}

function toProfile(row: ProfileRow): Profile {
  return { ...row, expiryAssumed: row.expiryAssumed === 1 };
}
