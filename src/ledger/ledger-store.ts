import type { Database } from '../database/database.ts';
import { BOOKING_COLUMNS } from './booking-columns.ts';
import { DIGEST_START } from './digest.ts';
import type { Admission, Booking, CompletedRow, Held, LedgerRow } from './ledger-row.ts';

export interface LedgerQuery {
  readonly agentId?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly afterId?: number | undefined;
  readonly beforeId?: number | undefined;
  /** Only rows that ended in an error. */
  readonly isFailed?: boolean | undefined;
  readonly limit: number;
}

/** The end of the chain of completions. */
export interface ChainEnd {
  /** 0: nothing has been completed yet. */
  readonly completion: number;
  readonly digest: Uint8Array;
}

type StoredBooking = { readonly [Field in keyof Booking]: Booking[Field] | null };

/** As SQLite gives a row: flags are numbers, and the booking's parts stand beside the others. */
type Stored<T extends LedgerRow> = Omit<T, 'isStream' | 'isSubscription' | 'isSimulated' | 'booking'> & {
  readonly isStream: number;
  readonly isSubscription: number;
  readonly isSimulated: number;
} & StoredBooking;

const COLUMNS = `id, request_id AS requestId, attempt, admitted_at_ms AS admittedAtMs, first_byte_at_ms AS firstByteAtMs,
  ended_at_ms AS endedAtMs, agent_id AS agentId, accessor, session, profile_agent_id AS profileAgentId,
  profile_id AS profileId, provider, route, model_asked AS modelAsked, model_served AS modelServed,
  is_stream AS isStream, status, outcome, sent_bytes AS sentBytes, labels, is_subscription AS isSubscription,
  is_simulated AS isSimulated, token_label AS tokenLabel, reserved_nano_usd AS reservedNanoUsd,
  reserved_tokens AS reservedTokens, bound_nano_usd AS boundNanoUsd, bound_tokens AS boundTokens,
  held_nano_usd AS heldNanoUsd, held_tokens AS heldTokens, ${BOOKING_COLUMNS.map(([column, field]) => `${column} AS ${field}`).join(', ')}`;

/** Put together once: the text is what its prepared statement is found by, for every row that ends. */
const COMPLETE = `UPDATE ledger SET first_byte_at_ms = ?, ended_at_ms = ?, status = ?, outcome = ?, sent_bytes = ?,
  completion = ?, digest = ?, is_simulated = ?, held_nano_usd = ?, held_tokens = ?,
  ${BOOKING_COLUMNS.map(([column]) => `${column} = ?`).join(', ')} WHERE id = ?`;

/** Rows that ended in an error: not those under way, and not those whose client went away. */
const FAILED = "(outcome IS NOT NULL AND outcome NOT IN ('ok', 'client_left'))";

/** The rows of the ledger: one per attempt to forward. */
export class LedgerStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Gives the row's id. */
  insert(row: Admission): number {
    return this.#database.insert(
      `INSERT INTO ledger (request_id, attempt, admitted_at_ms, agent_id, accessor, session, profile_agent_id, profile_id,
         provider, route, model_asked, model_served, is_stream, labels, is_subscription, token_label,
         reserved_nano_usd, reserved_tokens, bound_nano_usd, bound_tokens)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
      row.isSubscription ? 1 : 0,
      row.tokenLabel,
      row.reservedNanoUsd,
      row.reservedTokens,
      row.boundNanoUsd,
      row.boundTokens,
    );
  }

  complete(row: CompletedRow): void {
    this.#database.run(
      COMPLETE,
      row.firstByteAtMs,
      row.endedAtMs,
      row.status,
      row.outcome,
      row.sentBytes,
      row.completion,
      row.digest,
      row.isSimulated ? 1 : 0,
      row.heldNanoUsd,
      row.heldTokens,
      ...BOOKING_COLUMNS.map(([, field]) => row.booking?.[field] ?? null),
      row.id,
    );
  }

  /** Whether this row is the first to book what is charged for once; later ones book nothing. */
  bookOnce(key: string, ledgerId: number): boolean {
    const claim = 'INSERT INTO booked_once (key, ledger_id) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING ledger_id';
    return this.#database.get(claim, key, ledgerId) !== undefined;
  }

  /** What stayed charged of the row that is noted under that key. */
  heldOf(key: string): Held | undefined {
    return this.#database.get<Held>(
      `SELECT held_nano_usd AS heldNanoUsd, held_tokens AS heldTokens FROM booked_once JOIN ledger ON id = ledger_id
       WHERE key = ?`,
      key,
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

  /** The attempts of one request, in order. */
  ofRequest(requestId: string): LedgerRow[] {
    return this.#database
      .all<Stored<LedgerRow>>(`SELECT ${COLUMNS} FROM ledger WHERE request_id = ? ORDER BY id`, requestId)
      .map(toRow);
  }

  #select(direction: 'ASC' | 'DESC', afterId: number, query: LedgerQuery): LedgerRow[] {
    const { agentId, sinceMs = 0, beforeId = Number.MAX_SAFE_INTEGER, isFailed, limit } = query;
    return this.#database
      .all<Stored<LedgerRow>>(
        `SELECT ${COLUMNS} FROM ledger WHERE id > ?1 AND (?2 IS NULL OR agent_id = ?2) AND admitted_at_ms >= ?3
           AND id < ?4 ${isFailed ? `AND ${FAILED}` : ''} ORDER BY id ${direction} LIMIT ?5`,
        afterId,
        agentId ?? null,
        sinceMs,
        beforeId,
        limit,
      )
      .map(toRow);
  }
}

function toRow<T extends LedgerRow>(stored: Stored<T>): T {
  const row: Record<string, unknown> = { ...stored };
  for (const [, field] of BOOKING_COLUMNS) delete row[field];
  return {
    ...row,
    isStream: stored.isStream === 1,
    isSubscription: stored.isSubscription === 1,
    isSimulated: stored.isSimulated === 1,
    booking: stored.usageState === null ? null : bookingIn(stored),
  } as unknown as T;
}

function bookingIn(stored: StoredBooking): Booking {
  return Object.fromEntries(BOOKING_COLUMNS.map(([, field]) => [field, stored[field]])) as unknown as Booking;
}
