import type { Database } from '../database/database.ts';
import type { HealthState } from '../rotation/types.ts';

type HealthRow = Omit<HealthState, 'model'> & { readonly model: string };

const SELECT = `SELECT agent_id AS agentId, profile_id AS profileId, model, kind, reason, outcome, http_status AS httpStatus,
  error_type AS errorType, request_id AS requestId, caused_by AS causedBy, since_ms AS sinceMs, until_ms AS untilMs, rung,
  failures_in_row AS failuresInARow, last_failure_ms AS lastFailureMs, changed_by AS changedBy FROM health`;

/** Why and until when profiles are not to be used: one row per profile and model, the empty model for the whole profile. */
export class HealthStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Every state, or those of one agent. */
  list(agentId?: string): HealthState[] {
    return this.#database
      .all<HealthRow>(
        `${SELECT} WHERE ?1 IS NULL OR agent_id = ?1 ORDER BY agent_id, profile_id, model`,
        agentId ?? null,
      )
      .map((row) => ({ ...row, model: row.model === '' ? null : row.model }));
  }

  put(state: HealthState): void {
    this.#database.run(
      `INSERT OR REPLACE INTO health (agent_id, profile_id, model, kind, reason, outcome, http_status, error_type,
         request_id, caused_by, since_ms, until_ms, rung, failures_in_row, last_failure_ms, changed_by)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      state.agentId,
      state.profileId,
      state.model ?? '',
      state.kind,
      state.reason,
      state.outcome,
      state.httpStatus,
      state.errorType,
      state.requestId,
      state.causedBy,
      state.sinceMs,
      state.untilMs,
      state.rung,
      state.failuresInARow,
      state.lastFailureMs,
      state.changedBy,
    );
  }

  /** Clears one scope: a model, or with null what covers the whole profile. True when there was something. */
  clear(agentId: string, profileId: string, model: string | null): boolean {
    return (
      this.#database.run(
        'DELETE FROM health WHERE agent_id = ? AND profile_id = ? AND model = ?',
        agentId,
        profileId,
        model ?? '',
      ) === 1
    );
  }

  /** Clears every scope of a profile: its credential was replaced, tested or reset. Gives the number of states. */
  clearAll(agentId: string, profileId: string): number {
    return this.#database.run('DELETE FROM health WHERE agent_id = ? AND profile_id = ?', agentId, profileId);
  }
}
