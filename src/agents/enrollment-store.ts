import type { Database } from '../database/database.ts';

export type EnrollmentState = 'pending' | 'approved' | 'denied' | 'collected';

/** An agent elsewhere that asks to be let in. */
export interface Enrollment {
  /** `enr_` and 20 hex digits. */
  readonly id: string;
  /** What both people see: the one who asks and the one who decides. */
  readonly code: string;
  readonly name: string;
  readonly providers: readonly string[];
  readonly models: readonly string[] | null;
  readonly reason: string;
  /** The address it came from. */
  readonly source: string;
  /** Of everything a person is shown; a decision names it. */
  readonly digest: string;
  readonly state: EnrollmentState;
  readonly createdAtMs: number;
  /** Pending: up to when it can be decided; approved: up to when the key can be fetched. */
  readonly expiresAtMs: number;
  readonly decidedAtMs: number | null;
  readonly decidedBy: string | null;
}

type Stored = Omit<Enrollment, 'providers' | 'models'> & { readonly providers: string; readonly models: string | null };

const SELECT = `SELECT id, code, name, providers, models, reason, source, digest, state, created_at_ms AS createdAtMs,
  expires_at_ms AS expiresAtMs, decided_at_ms AS decidedAtMs, decided_by AS decidedBy FROM enrollments`;

/** Enrolments, pending and decided. The poll token is given out once and only its SHA-256 stays. */
export class EnrollmentStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(enrollment: Enrollment, pollHash: Uint8Array): void {
    this.#database.run(
      `INSERT INTO enrollments (id, poll_hash, code, name, providers, models, reason, source, digest, state, created_at_ms,
         expires_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      enrollment.id,
      pollHash,
      enrollment.code,
      enrollment.name,
      JSON.stringify(enrollment.providers),
      enrollment.models && JSON.stringify(enrollment.models),
      enrollment.reason,
      enrollment.source,
      enrollment.digest,
      enrollment.state,
      enrollment.createdAtMs,
      enrollment.expiresAtMs,
    );
  }

  /** Those that wait for a decision, oldest first. */
  pending(nowMs: number): Enrollment[] {
    return this.#database
      .all<Stored>(`${SELECT} WHERE state = 'pending' AND expires_at_ms > ? ORDER BY created_at_ms, id`, nowMs)
      .map(toEnrollment);
  }

  /** By id, whatever its state, or undefined when its time is over. */
  find(id: string, nowMs: number): Enrollment | undefined {
    const row = this.#database.get<Stored>(`${SELECT} WHERE id = ? AND expires_at_ms > ?`, id, nowMs);
    return row && toEnrollment(row);
  }

  findByPollHash(pollHash: Uint8Array, nowMs: number): Enrollment | undefined {
    const row = this.#database.get<Stored>(`${SELECT} WHERE poll_hash = ? AND expires_at_ms > ?`, pollHash, nowMs);
    return row && toEnrollment(row);
  }

  decide(id: string, state: 'approved' | 'denied', by: string, nowMs: number, expiresAtMs: number): void {
    this.#database.run(
      `UPDATE enrollments SET state = ?, decided_by = ?, decided_at_ms = ?, expires_at_ms = ? WHERE id = ?`,
      state,
      by,
      nowMs,
      expiresAtMs,
      id,
    );
  }

  /** True for the one who fetches an approved one first. */
  collect(id: string): boolean {
    return (
      this.#database.run("UPDATE enrollments SET state = 'collected' WHERE id = ? AND state = 'approved'", id) === 1
    );
  }

  /** Drops those of a name, whatever their state. */
  remove(name: string): void {
    this.#database.run('DELETE FROM enrollments WHERE name = ?', name);
  }

  /** Drops those whose time is over. */
  prune(nowMs: number): void {
    this.#database.run('DELETE FROM enrollments WHERE expires_at_ms <= ?', nowMs);
  }
}

function toEnrollment({ providers, models, ...row }: Stored): Enrollment {
  return {
    ...row,
    providers: JSON.parse(providers) as string[],
    models: models === null ? null : (JSON.parse(models) as string[]),
  };
}
