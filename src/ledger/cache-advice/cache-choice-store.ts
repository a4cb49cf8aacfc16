import type { Database } from '../../database/database.ts';
import type { CacheChoice } from './cache-choice.ts';

/** What the gateway last chose: so that it holds across a restart, and a status need not replay the ledger. */
export class CacheChoiceStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  list(): CacheChoice[] {
    return this.#database.all<CacheChoice>(
      `SELECT model, ttl, at_5m_nano_usd AS at5mNanoUsd, at_1h_nano_usd AS at1hNanoUsd, known, sessions,
         chosen_at_ms AS chosenAtMs FROM cache_choices ORDER BY model`,
    );
  }

  /** Puts these in place of all that were there. */
  replace(choices: readonly CacheChoice[]): void {
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM cache_choices');
      for (const { model, ttl, at5mNanoUsd, at1hNanoUsd, known, sessions, chosenAtMs } of choices)
        this.#database.run(
          `INSERT INTO cache_choices (model, ttl, at_5m_nano_usd, at_1h_nano_usd, known, sessions, chosen_at_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
          model,
          ttl,
          at5mNanoUsd,
          at1hNanoUsd,
          known,
          sessions,
          chosenAtMs,
        );
    });
  }
}
