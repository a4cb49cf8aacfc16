import { MoltbotError, systemCode } from '../core/errors.ts';

/** SQLite's primary result codes: https://www.sqlite.org/rescode.html */
const SQLITE = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

/** SQLite's or the file system's error as one of ours, by name and with the way out. */
export function databaseError(path: string, error: unknown): MoltbotError {
  const code = typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  const options = { cause: error };
  if (code === SQLITE.corrupt || code === SQLITE.notADatabase) {
    return new MoltbotError('DATABASE_CORRUPT', `The state database ${path} is damaged.`, {
      ...options,
      hint: `Move it away (mv ${path} ${path}.damaged) and add the credentials again; the vault is untouched.`,
    });
  }
  if (code === SQLITE.busy || code === SQLITE.locked) {
    return new MoltbotError('DATABASE_BUSY', `The state database ${path} is in use by another process.`, {
      ...options,
      hint: 'Try again in a moment.',
    });
  }
  if (code === SQLITE.full || systemCode(error) === 'ENOSPC') {
    return new MoltbotError('DISK_FULL', `No space is left on the disk of ${path}.`, {
      ...options,
      hint: 'Free some space and run the command again; nothing was changed.',
    });
  }
  const permission = ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');
  if (permission || code === SQLITE.readOnly || code === SQLITE.cannotOpen) {
    return new MoltbotError('NOT_PERMITTED', `The state database ${path} cannot be opened for writing.`, {
      ...options,
      hint: 'Check who owns the state directory: moltbot doctor',
    });
  }
  if (code === SQLITE.ioError) {
    return new MoltbotError('DATABASE_CORRUPT', `The disk failed while reading or writing ${path}.`, {
      ...options,
      hint: 'Check the disk, then run: moltbot doctor',
    });
  }
  return new MoltbotError('INTERNAL', `The state database ${path} refused a statement.`, options);
}
