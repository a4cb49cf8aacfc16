import type { Database, Row } from '../database/database.ts';
import type { Actor } from './actor.ts';
import { readDetail } from './read-detail.ts';

/** Everything that is written down, as `audit list` shows it. */
export type AuditAction =
  | 'agent.added'
  | 'agent.changed'
  | 'agent.removed'
  | 'agent.paused'
  | 'agent.resumed'
  | 'agent.unenrolled'
  | 'agent_key.created'
  | 'agent_key.replaced'
  | 'token.issued'
  | 'token.renewed'
  | 'token.revoked'
  | 'enrollment.asked'
  | 'enrollment.approved'
  | 'enrollment.denied'
  | 'enrollment.collected'
  | 'credential.stored'
  | 'credential.replaced'
  | 'credential.changed'
  | 'credential.removed'
  | 'credential.renamed'
  | 'credential.reset'
  | 'credential.test_asked'
  | 'credential.granted'
  | 'credential.grant_ended'
  | 'admin_key.created'
  | 'admin_key.revoked'
  | 'guard.set'
  | 'guard.removed'
  | 'guard.refused'
  | 'config.changed'
  | 'catalog.loaded'
  | 'catalog.reset'
  | 'budget.used_up'
  | 'budget.opened'
  | 'gateway.started'
  | 'gateway.stopped'
  | 'request.refused'
  | 'ledger.anchored'
  | 'ledger.pruned'
  | 'audit.broken';

/** Facts beside the subject: names, counts, limits. Never a secret, never a body. */
export type AuditDetail = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export interface NewAuditRow {
  readonly actor: Actor;
  readonly action: AuditAction;
  /** What it is about: an agent id, `agent/profile`, an accessor. */
  readonly subject: string;
  readonly detail?: AuditDetail | undefined;
}

export interface AuditRow {
  readonly seq: number;
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: AuditDetail;
  readonly isSealed: boolean;
}

export interface AuditQuery {
  /** Only rows after this one. */
  readonly afterSeq?: number | undefined;
  /** Only rows before this one. */
  readonly beforeSeq?: number | undefined;
  /** Rows that name this agent as actor, subject or owner of the subject. */
  readonly agentId?: string | undefined;
  /** Only rows of that time and later. */
  readonly sinceMs?: number | undefined;
  readonly limit: number;
}

const COLUMNS = 'seq, at_ms AS atMs, actor, action, subject, detail, mac IS NOT NULL AS isSealed';

/**
 * The append-only record of decisions. `append` belongs into the transaction of the decision: then neither is there
 * without the other. Rows start unsealed; `seal.ts` chains them with the key from the vault.
 */
export class AuditLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  append({ actor, action, subject, detail = {} }: NewAuditRow, nowMs: number): void {
    this.#database.run(
      'INSERT INTO audit (at_ms, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?)',
      nowMs,
      actor,
      action,
      subject,
      JSON.stringify(detail),
    );
  }

  /** Several rows in one transaction. */
  together(work: () => void): void {
    this.#database.transaction(work);
  }

  /** Rows in order, oldest first. */
  after({ afterSeq = 0, ...query }: AuditQuery): AuditRow[] {
    return this.#select('seq > ?1', 'ASC', afterSeq, query);
  }

  /** The newest rows, newest first. */
  before({ beforeSeq = Number.MAX_SAFE_INTEGER, ...query }: AuditQuery): AuditRow[] {
    return this.#select('seq < ?1', 'DESC', beforeSeq, query);
  }

  /** The newest row of an action, of one subject where it is given. */
  newestOf(action: AuditAction, subject?: string): AuditRow | undefined {
    const where = 'action = ?1 AND (?2 IS NULL OR subject = ?2)';
    return this.#newest(where, action, subject ?? null);
  }

  /** The row of a refused request, where it has one of its own. */
  refusalOf(requestId: string): AuditRow | undefined {
    const where = "action = 'request.refused' AND CASE WHEN json_valid(detail) THEN detail ->> 'requestId' = ? END";
    return this.#newest(where, requestId);
  }

  lastSeq(): number {
    return this.#database.get<{ seq: number }>('SELECT coalesce(max(seq), 0) AS seq FROM audit')!.seq;
  }

  #newest(where: string, ...values: (string | null)[]): AuditRow | undefined {
    const row = this.#database.get<Row>(
      `SELECT ${COLUMNS} FROM audit WHERE ${where} ORDER BY seq DESC LIMIT 1`,
      ...values,
    );
    return row && toRow(row);
  }

  #select(where: string, direction: 'ASC' | 'DESC', seq: number, { agentId, sinceMs = 0, limit }: AuditQuery) {
    return this.#database
      .all<Row>(
        `SELECT ${COLUMNS} FROM audit
         WHERE ${where} AND (?2 IS NULL OR subject = ?2 OR subject LIKE ?2 || '/%' OR actor = 'agent:' || ?2
           OR CASE WHEN json_valid(detail) THEN detail ->> 'agentId' = ?2 END) AND at_ms >= ?3
         ORDER BY seq ${direction} LIMIT ?4`,
        seq,
        agentId ?? null,
        sinceMs,
        limit,
      )
      .map(toRow);
  }
}

function toRow(row: Row): AuditRow {
  return {
    ...(row as unknown as AuditRow),
    detail: readDetail(String(row.detail)),
    isSealed: row.isSealed === 1,
  };
}
