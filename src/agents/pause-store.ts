import type { Database } from '../database/database.ts';

/** Stands for every agent. */
export const EVERYONE = '*';

/** Why an agent, or everything, is paused. A person's pause ends with `resume` only. */
export interface Pause {
  /** An agent id, or `*`. */
  readonly agentId: string;
  readonly cause: 'person';
  readonly reason: string;
  readonly sinceMs: number;
  /** Who did it: an actor of the audit. */
  readonly by: string;
}

const SELECT = 'SELECT agent_id AS agentId, cause, reason, since_ms AS sinceMs, by FROM pauses';

/** Which agents are paused. */
export class PauseStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  list(): Pause[] {
    return this.#database.all<Pause>(`${SELECT} ORDER BY agent_id, since_ms`);
  }

  /** What holds this agent: its own pause, or one of everything. */
  of(agentId: string): Pause | undefined {
    return this.#database.get<Pause>(
      `${SELECT} WHERE agent_id IN (?1, ?2) ORDER BY agent_id = ?2, since_ms LIMIT 1`,
      agentId,
      EVERYONE,
    );
  }

  /** True when it was not paused for that cause before; an earlier pause keeps its time and reason. */
  set(pause: Pause): boolean {
    return (
      this.#database.run(
        'INSERT OR IGNORE INTO pauses (agent_id, cause, reason, since_ms, by) VALUES (?, ?, ?, ?, ?)',
        pause.agentId,
        pause.cause,
        pause.reason,
        pause.sinceMs,
        pause.by,
      ) === 1
    );
  }

  clear(agentId: string, cause: Pause['cause']): boolean {
    return this.#database.run('DELETE FROM pauses WHERE agent_id = ? AND cause = ?', agentId, cause) === 1;
  }
}
