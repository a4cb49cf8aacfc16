import type { Database } from '../database/database.ts';
import type { Limit } from '../rotation/limits.ts';

/** The limits of one profile, by its owner, as they were last heard. */
export interface ProfileLimits {
  readonly agentId: string;
  readonly profileId: string;
  readonly limits: readonly Limit[];
}

interface LimitRow {
  readonly agentId: string;
  readonly profileId: string;
  readonly name: string;
  readonly used: number | null;
  readonly remaining: number | null;
  readonly most: number | null;
  readonly resetsAtMs: number | null;
  readonly seenAtMs: number;
}

/** What providers said of the limits of profiles. Rows go and are renamed with their profile (by the schema). */
export class LimitStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Of every profile of which something was heard, by agent, profile and name. */
  list(): ProfileLimits[] {
    const rows = this.#database.all<LimitRow>(
      `SELECT agent_id AS agentId, profile_id AS profileId, name, used, remaining, most, resets_at_ms AS resetsAtMs,
         seen_at_ms AS seenAtMs FROM limits ORDER BY agent_id, profile_id, name`,
    );
    return [...Map.groupBy(rows, ({ agentId, profileId }) => `${agentId}/${profileId}`).values()].map((own) => ({
      agentId: own[0]!.agentId,
      profileId: own[0]!.profileId,
      limits: own.map(toLimit),
    }));
  }

  /** Puts what was heard in place of what was known; nothing for a profile that is gone. Call it in a transaction. */
  put({ agentId, profileId, limits }: ProfileLimits): void {
    this.#database.run('DELETE FROM limits WHERE agent_id = ? AND profile_id = ?', agentId, profileId);
    for (const { name, used, remaining, limit, resetsAtMs, seenAtMs } of limits)
      this.#database.run(
        `INSERT INTO limits (agent_id, profile_id, name, used, remaining, most, resets_at_ms, seen_at_ms)
         SELECT agent_id, profile_id, ?, ?, ?, ?, ?, ? FROM profiles WHERE agent_id = ? AND profile_id = ?`,
        name,
        used ?? null,
        remaining ?? null,
        limit ?? null,
        resetsAtMs ?? null,
        seenAtMs,
        agentId,
        profileId,
      );
  }
}

function toLimit({ name, used, remaining, most, resetsAtMs, seenAtMs }: LimitRow): Limit {
  return {
    name,
    ...(used !== null && { used }),
    ...(remaining !== null && { remaining }),
    ...(most !== null && { limit: most }),
    ...(resetsAtMs !== null && { resetsAtMs }),
    seenAtMs,
  };
}
