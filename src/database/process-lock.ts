import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { MoltbotError, systemCode } from '../core/errors.ts';

const SQLITE_BUSY = 5;

/** A lock held until `release()` or until the process is gone, however it went. */
export interface HeldLock {
  release(): void;
}

/** Keeps held locks reachable: a connection that is garbage-collected would let go of its lock. */
const HELD = new Set<DatabaseSync>();

/**
 * Takes SQLite's exclusive lock on an empty file and keeps it: the kernel gives it back the moment its holder dies, also
 * after `kill -9`, so there are no stale locks and no process ids to compare. Undefined when another process has it
 * after `waitMs` (somebody who only looks holds it for an instant). NOT_PERMITTED when the file cannot be written.
 */
export function holdProcessLock(path: string, waitMs = 250): HeldLock | undefined {
  let lock: DatabaseSync | undefined;
  try {
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    lock = new DatabaseSync(path, { timeout: waitMs });
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return keep(lock);
  } catch (error) {
    lock?.close();
    if (isBusy(error)) return undefined;
    throw notPermitted(path, error);
  }
}

function keep(lock: DatabaseSync): HeldLock {
  HELD.add(lock);
  return {
    release: () => {
      if (HELD.delete(lock)) lock.close();
    },
  };
}

/** Whether some process holds the lock. Reads only: creates nothing and waits for nobody. */
export function isProcessLockHeld(path: string): boolean {
  if (!existsSync(path)) return false;
  let reader: DatabaseSync | undefined;
  try {
    reader = new DatabaseSync(path, { readOnly: true, timeout: 0 });
    reader.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw notPermitted(path, error);
  } finally {
    reader?.close();
  }
}

/** SQLite's primary result code: https://www.sqlite.org/rescode.html */
function isBusy(error: unknown): boolean {
  if (systemCode(error) !== 'ERR_SQLITE_ERROR') return false;
  return (Number((error as { errcode?: unknown }).errcode) & 0xff) === SQLITE_BUSY;
}

function notPermitted(path: string, cause: unknown): MoltbotError {
  return new MoltbotError('NOT_PERMITTED', `The lock file ${path} cannot be opened.`, {
    hint: `Check who owns it and its directory: ls -ld ${path}`,
    cause,
  });
}
