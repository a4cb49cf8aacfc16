import { DAY_MS } from '../core/time.ts';
import type { Database } from '../database/database.ts';
import type { Alert, AlertDetail, AlertKind } from './alert.ts';

/** An alert that was told, with its id and its place in their order. */
export interface AlertRow extends Alert {
  readonly seq: number;
  readonly id: string;
}

interface StoredAlert {
  readonly seq: number;
  readonly id: string;
  readonly atMs: number;
  readonly kind: AlertKind;
  readonly subject: string;
  readonly text: string;
  readonly detail: string;
}

const KEEP_MS = 90 * DAY_MS;
const COLUMNS = 'seq, id, at_ms AS atMs, kind, subject, text, detail';

/** The alerts of the last 90 days. */
export class AlertStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds one and lets go of old ones; in this order, so that no place is given twice. */
  add({ id, atMs, kind, subject, text, detail }: Alert & { readonly id: string }): void {
    this.#database.transaction(() => {
      this.#database.run(
        'INSERT INTO alerts (id, at_ms, kind, subject, text, detail) VALUES (?, ?, ?, ?, ?, ?)',
        id,
        atMs,
        kind,
        subject,
        text,
        JSON.stringify(detail),
      );
      this.#database.run('DELETE FROM alerts WHERE at_ms < ?', atMs - KEEP_MS);
    });
  }

  /** Newest first, of those before `beforeSeq`. */
  newest({ beforeSeq = Number.MAX_SAFE_INTEGER, limit }: { beforeSeq?: number; limit: number }): AlertRow[] {
    const rows = this.#database.all<StoredAlert>(
      `SELECT ${COLUMNS} FROM alerts WHERE seq < ? ORDER BY seq DESC LIMIT ?`,
      beforeSeq,
      limit,
    );
    return rows.map(toRow);
  }

  /** In the order of telling, of those behind `afterSeq`. */
  after({ afterSeq, limit }: { readonly afterSeq: number; readonly limit: number }): AlertRow[] {
    const rows = this.#database.all<StoredAlert>(
      `SELECT ${COLUMNS} FROM alerts WHERE seq > ? ORDER BY seq LIMIT ?`,
      afterSeq,
      limit,
    );
    return rows.map(toRow);
  }

  /** 0 when there is none. */
  lastSeq(): number {
    return this.newest({ limit: 1 })[0]?.seq ?? 0;
  }
}

function toRow({ detail, ...row }: StoredAlert): AlertRow {
  return { ...row, detail: JSON.parse(detail) as AlertDetail };
}
