import type { Database } from '../database/database.ts';

/** What is remembered of a budget beyond the ledger. */
export interface BudgetMemory {
  readonly name: string;
  readonly windowStartMs: number;
  /** The highest threshold that people were told of, 0 to 1. */
  readonly toldShare: number;
  /** Null: there is something left. */
  readonly usedUpSinceMs: number | null;
}

/** What people were told of budgets. */
export class BudgetStateStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(name: string): BudgetMemory | undefined {
    return this.#database.get<BudgetMemory>(
      `SELECT name, window_start_ms AS windowStartMs, told_share AS toldShare, used_up_since_ms AS usedUpSinceMs
       FROM budget_states WHERE name = ?`,
      name,
    );
  }

  names(): string[] {
    return this.#database.all<{ name: string }>('SELECT name FROM budget_states').map(({ name }) => name);
  }

  keepOnly(names: readonly string[]): void {
    this.#database.run(
      'DELETE FROM budget_states WHERE name NOT IN (SELECT value FROM json_each(?))',
      JSON.stringify(names),
    );
  }

  save({ name, windowStartMs, toldShare, usedUpSinceMs }: BudgetMemory): void {
    this.#database.run(
      'INSERT OR REPLACE INTO budget_states (name, window_start_ms, told_share, used_up_since_ms) VALUES (?, ?, ?, ?)',
      name,
      windowStartMs,
      toldShare,
      usedUpSinceMs,
    );
  }
}
