import { DatabaseSync } from 'node:sqlite';
import { type ErrorCode, MoltbotError, systemCode } from '../core/errors.ts';
import { printable } from '../core/text.ts';

/** Where a text stands in another program's database. All names are ours to write, none comes from outside. */
export interface ForeignCell {
  readonly table: string;
  readonly keyColumn: string;
  readonly key: string;
  readonly valueColumn: string;
}

/** How long the other program may hold a lock before it is said. */
const BUSY_MS = 2_000;

/** Far more than a list of credentials; a cell that is larger is not one. */
const LARGEST_CELL_BYTES = 8 * 1024 * 1024;

/**
 * A database that another program made. It is opened to read; only `replaceCell` opens it to write, for one cell.
 * Everything fails with DATABASE_CORRUPT, DATABASE_BUSY or NOT_PERMITTED.
 */
export class ForeignDatabase {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The text of a cell; undefined when there is no such table or row. */
  readCell(cell: ForeignCell): string | undefined {
    return this.#use(true, (sqlite) => {
      if (!hasTable(sqlite, cell.table)) return undefined;
      const { table, keyColumn, valueColumn } = cell;
      const row = sqlite
        .prepare(`SELECT length(CAST(${valueColumn} AS BLOB)) AS bytes FROM ${table} WHERE ${keyColumn} = ?`)
        .get(cell.key);
      if (!row) return undefined;
      if (Number(row.bytes) > LARGEST_CELL_BYTES) throw tooLarge(this.#path, cell);
      const value = sqlite.prepare(`SELECT ${valueColumn} AS value FROM ${table} WHERE ${keyColumn} = ?`).get(cell.key);
      return typeof value?.value === 'string' ? value.value : undefined;
    });
  }

  /**
   * Puts another text into a cell that still has the expected one, and overwrites the old bytes (`secure_delete`). False
   * when the cell has changed meanwhile.
   */
  replaceCell(cell: ForeignCell, expected: string, text: string): boolean {
    return this.#use(false, (sqlite) => {
      const { table, keyColumn, valueColumn } = cell;
      sqlite.exec('PRAGMA secure_delete = ON');
      const { changes } = sqlite
        .prepare(`UPDATE ${table} SET ${valueColumn} = ? WHERE ${keyColumn} = ? AND ${valueColumn} = ?`)
        .run(text, cell.key, expected);
      // What the write-ahead log still has of the old text goes with it. It stays where another program reads meanwhile.
      sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      return Number(changes) === 1;
    });
  }

  #use<T>(readOnly: boolean, work: (sqlite: DatabaseSync) => T): T {
    let sqlite: DatabaseSync | undefined;
    try {
      sqlite = new DatabaseSync(this.#path, { readOnly, timeout: BUSY_MS });
      // A hostile file must not run functions of SQLite through its views and triggers.
      sqlite.exec('PRAGMA trusted_schema = OFF');
      return work(sqlite);
    } catch (error) {
      throw error instanceof MoltbotError ? error : foreignError(this.#path, error);
    } finally {
      sqlite?.close();
    }
  }
}

function hasTable(sqlite: DatabaseSync, table: string): boolean {
  return sqlite.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table) !== undefined;
}

/** SQLite's primary result codes: https://www.sqlite.org/rescode.html */
const BY_RESULT: Readonly<Record<number, readonly [code: ErrorCode, what: string, hint: string]>> = {
  5: ['DATABASE_BUSY', 'is locked by another program', 'Stop that program, then run this again.'],
  6: ['DATABASE_BUSY', 'is locked by another program', 'Stop that program, then run this again.'],
  8: ['NOT_PERMITTED', 'cannot be written', 'See who owns it and its directory: ls -ld'],
  14: ['NOT_PERMITTED', 'cannot be opened', 'See who owns it and its directory: ls -ld'],
};

function foreignError(path: string, error: unknown): MoltbotError {
  const result = typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  const isDenied = ['EACCES', 'EPERM', 'EROFS'].includes(systemCode(error) ?? '');
  const [code, what, hint] = BY_RESULT[isDenied ? 14 : result] ?? [
    'DATABASE_CORRUPT',
    'is damaged, or not a database of the form we know',
    'Nothing was changed in it. Check it with the program it belongs to.',
  ];
  const more = hint.endsWith('ls -ld') ? ` ${printable(path)}` : '';
  return new MoltbotError(code, `${printable(path)} ${what}.`, { hint: hint + more, cause: error });
}

function tooLarge(path: string, { table }: ForeignCell): MoltbotError {
  return new MoltbotError('USAGE', `${printable(path)} holds far more in ${table} than credentials can be.`, {
    hint: 'Give the right file with --from.',
  });
}
