import type { Database } from '../../database/database.ts';

/** Longer than providers keep what these ids name. */
const KEPT_MS = 60 * 24 * 3_600_000;

/**
 * Files, batches and stored responses belong to the credential that made them: which profile that was, by the id the
 * provider gave. A request that names one goes there or fails.
 */
export class OwnedIds {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  remember(agentId: string, provider: string, resourceId: string, profileId: string, nowMs: number): void {
    this.#database.run(
      `INSERT OR REPLACE INTO owned_ids (agent_id, provider, resource_id, profile_id, created_at_ms) VALUES (?, ?, ?, ?, ?)`,
      agentId,
      provider,
      resourceId,
      profileId,
      nowMs,
    );
  }

  /** The profile of the first id that is known. */
  ownerOf(agentId: string, provider: string, resourceIds: readonly string[]): string | undefined {
    for (const id of resourceIds) {
      const row = this.#database.get<{ profileId: string }>(
        'SELECT profile_id AS profileId FROM owned_ids WHERE agent_id = ? AND provider = ? AND resource_id = ?',
        agentId,
        provider,
        id,
      );
      if (row) return row.profileId;
    }
    return undefined;
  }

  prune(nowMs: number): void {
    this.#database.run('DELETE FROM owned_ids WHERE created_at_ms < ?', nowMs - KEPT_MS);
  }
}
