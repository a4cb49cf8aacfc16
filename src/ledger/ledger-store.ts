import type { Database } from '../database/database.ts';
import { DIGEST_START } from './digest.ts';
import type { Admission, CompletedRow, LedgerRow } from './ledger-row.ts';

export interface LedgerQuery {
  readonly agentId?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly afterId?: number | undefined;
  readonly beforeId?: number | undefined;
  readonly limit: number;
}

/** The end of the chain of completions. */
export interface ChainEnd {
  /** 0: nothing has been completed yet. */
  readonly completion: number;
  readonly digest: Uint8Array;
}

type Stored<T> = Omit<T, 'isStream'> & { readonly isStream: number };

const COLUMNS = `id, request_id AS requestId, attempt, admitted_at_ms AS admittedAtMs, first_byte_at_ms AS firstByteAtMs,
  ended_at_ms AS endedAtMs, agent_id AS agentId, accessor, session, profile_agent_id AS profileAgentId,
  profile_id AS profileId, provider, route, model_asked AS modelAsked, model_served AS modelServed,
  is_stream AS isStream, status, outcome, sent_bytes AS sentBytes, labels`;

/** The rows of the ledger: one per attempt to forward. */
export class LedgerStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Gives the row's id. */
  insert(row: Admission): number {
    return this.#database.get<{ id: number }>(
      `INSERT INTO ledger (request_id, attempt, admitted_at_ms, agent_id, accessor, session, profile_agent_id, profile_id,
         provider, route, model_asked, model_served, is_stream, labels)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
      row.requestId,
      row.attempt,
      row.admittedAtMs,
      row.agentId,
      row.accessor,
      row.session,
      row.profileAgentId,
      row.profileId,
      row.provider,
      row.route,
      row.modelAsked,
      row.modelServed,
      row.isStream ? 1 : 0,
      row.labels,
    )!.id;
  }

  complete(row: CompletedRow): void {
    this.#database.run(
      `UPDATE ledger SET first_byte_at_ms = ?, ended_at_ms = ?, status = ?, outcome = ?, sent_bytes = ?, completion = ?,
         digest = ? WHERE id = ?`,
      row.firstByteAtMs,
      row.endedAtMs,
      row.status,
      row.outcome,
      row.sentBytes,
      row.completion,
      row.digest,
      row.id,
    );
  }

  chainEnd(): ChainEnd {
    return (
      this.#database.get<{ completion: number; digest: Uint8Array }>(
        'SELECT completion, digest FROM ledger WHERE completion IS NOT NULL ORDER BY completion DESC LIMIT 1',
      ) ?? { completion: 0, digest: DIGEST_START }
    );
  }

  /** Completed rows in the order of their completion. */
  completedAfter(completion: number, limit: number): CompletedRow[] {
    return this.#database
      .all<Stored<CompletedRow>>(
        `SELECT ${COLUMNS}, completion, digest FROM ledger WHERE completion > ? ORDER BY completion LIMIT ?`,
        completion,
        limit,
      )
      .map(toRow);
  }

  /** Rows without an end, oldest first. */
  open(): LedgerRow[] {
    return this.#database
      .all<Stored<LedgerRow>>(`SELECT ${COLUMNS} FROM ledger WHERE ended_at_ms IS NULL ORDER BY id`)
      .map(toRow);
  }

  /** Rows in order, oldest first. */
  after({ afterId = 0, ...query }: LedgerQuery): LedgerRow[] {
    return this.#select('ASC', afterId, query);
  }

  /** The newest rows, newest first. */
  newest(query: LedgerQuery): LedgerRow[] {
    return this.#select('DESC', query.afterId ?? 0, query);
  }

  #select(direction: 'ASC' | 'DESC', afterId: number, query: LedgerQuery): LedgerRow[] {
    const { agentId, sinceMs = 0, beforeId = Number.MAX_SAFE_INTEGER, limit } = query;
    return this.#database
      .all<Stored<LedgerRow>>(
        `SELECT ${COLUMNS} FROM ledger WHERE id > ?1 AND (?2 IS NULL OR agent_id = ?2) AND admitted_at_ms >= ?3
           AND id < ?4 ORDER BY id ${direction} LIMIT ?5`,
        afterId,
        agentId ?? null,
        sinceMs,
        beforeId,
        limit,
      )
      .map(toRow);
  }
}

function toRow<T extends LedgerRow>(row: Stored<T>): T {
  return { ...row, isStream: row.isStream === 1 } as unknown as T;
}
