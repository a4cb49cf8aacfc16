import { MAIN_AGENT } from '../core/ids.ts';
import type { Database } from '../database/database.ts';

export interface Agent {
  readonly id: string;
  readonly createdAtMs: number;
}

/** Agents: who work is done for. `main` exists from the start and stays. */
export class AgentStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  list(): Agent[] {
    return this.#database.all<Agent>(
      'SELECT id, created_at_ms AS createdAtMs FROM agents ORDER BY id <> ?, id',
      MAIN_AGENT,
    );
  }

  has(id: string): boolean {
    return this.#database.get('SELECT 1 FROM agents WHERE id = ?', id) !== undefined;
  }

  /** True when the agent is new. */
  add(id: string, nowMs: number): boolean {
    return this.#database.run('INSERT OR IGNORE INTO agents (id, created_at_ms) VALUES (?, ?)', id, nowMs) === 1;
  }

  /**
   * Ends the agent with its tokens, sessions and remembered ids in one transaction. Its profiles must be gone before
   * (their secrets are in the vault); health records go here.
   */
  remove(id: string): boolean {
    return this.#database.transaction(() => {
      this.#database.run('DELETE FROM health WHERE agent_id = ?', id);
      return this.#database.run('DELETE FROM agents WHERE id = ?', id) === 1;
    });
  }
}
