import type { Database } from '../database/database.ts';
import type { Retest } from '../rotation/billing-tests.ts';

type Tested = Omit<Retest, 'askedAtMs'> & { readonly testedAtMs: number };

/** The tests of profiles that are out of credit. They are part of the state of such a profile, and end with it. */
export class RetestStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** One for each profile that is out of credit. */
  list(): Retest[] {
    return this.#database.all<Retest>(
      `SELECT agent_id AS agentId, profile_id AS profileId, retest_asked_at_ms AS askedAtMs, retested_at_ms AS testedAtMs,
         retest_verdict AS verdict, retest_status AS httpStatus, retest_error_type AS errorType
       FROM health WHERE reason = 'billing' AND model = '' ORDER BY agent_id, profile_id`,
    );
  }

  /** Has the running gateway, or the next one, test a profile at once. */
  ask(agentId: string, profileId: string, nowMs: number): void {
    this.#database.run(
      `UPDATE health SET retest_asked_at_ms = ? WHERE agent_id = ? AND profile_id = ? AND reason = 'billing' AND model = ''`,
      nowMs,
      agentId,
      profileId,
    );
  }

  /** Writes down a test that did not pass. Whoever asked after it began (`askedAtMs` is another by now) still waits. */
  note({ agentId, profileId, testedAtMs, verdict, httpStatus, errorType }: Tested, askedAtMs: number | null): void {
    this.#database.run(
      `UPDATE health SET retested_at_ms = ?, retest_verdict = ?, retest_status = ?, retest_error_type = ?,
         retest_asked_at_ms = nullif(retest_asked_at_ms, ?)
       WHERE agent_id = ? AND profile_id = ? AND reason = 'billing' AND model = ''`,
      testedAtMs,
      verdict,
      httpStatus,
      errorType,
      askedAtMs,
      agentId,
      profileId,
    );
  }
}
