import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMoltbotError, MoltbotError, systemCode } from './errors.ts';
import { makeDirectory } from './make-directory.ts';
import { assertOwnFile } from './own-file.ts';

/*
 * Locks between processes. Each is SQLite's exclusive lock on an empty file: the kernel gives it back the moment its
 * holder dies, also after `kill -9`, so there are no stale locks, no process ids to compare and nothing to clean up. The
 * file stays behind, empty. (No state is in it, so it does not go through the state database's `Database`.)
 */

const RETRY_MS = 25;

/** SQLite's primary result codes: https://www.sqlite.org/rescode.html */
const SQLITE = { busy: 5, full: 13 } as const;

/** A lock held until `release()` or until the process is gone, however it went. */
export interface HeldLock {
  release(): void;
}

/** Keeps held locks reachable: a connection that is garbage-collected would let go of its lock. */
const HELD = new Set<DatabaseSync>();

/**
 * Takes the lock of that path and keeps it; undefined when another holder has it. `waitMs` lets somebody pass who only
 * looks (and holds it for an instant), with the event loop stopped.
 * Fails with NOT_PERMITTED or DISK_FULL when the file cannot be made.
 */
export function holdProcessLock(path: string, waitMs = 250): HeldLock | undefined {
  let lock: DatabaseSync | undefined;
  try {
    makeLockFile(path);
    lock = new DatabaseSync(path, { timeout: waitMs });
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return keep(lock);
  } catch (error) {
    lock?.close();
    if (resultCode(error) === SQLITE.busy) return undefined;
    throw lockError(path, error);
  }
}

/** Runs `work` while nobody else, in this process or another, holds the lock. DATABASE_BUSY after `waitMs`. */
export async function withProcessLock<T>(path: string, work: () => Promise<T>, waitMs = 30_000): Promise<T> {
  const giveUpAtMs = Date.now() + waitMs;
  let lock = holdProcessLock(path, 0);
  while (!lock) {
    if (Date.now() >= giveUpAtMs) throw heldTooLong(path);
    await sleep(RETRY_MS);
    lock = holdProcessLock(path, 0);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
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
    if (resultCode(error) === SQLITE.busy) return true;
    throw lockError(path, error);
  } finally {
    reader?.close();
  }
}

/** Only when it is missing: closing any descriptor of a file gives up this process's POSIX locks on it. */
function makeLockFile(path: string): void {
  assertOwnFile(path);
  if (!existsSync(path)) {
    makeDirectory(dirname(path));
    closeSync(openSync(path, 'a', 0o600));
  }
  chmodSync(path, 0o600); // one that was there may have been open to others
}

function keep(lock: DatabaseSync): HeldLock {
  HELD.add(lock);
  return {
    release: () => {
      // Closing rolls the empty transaction back and frees the lock.
      if (HELD.delete(lock)) lock.close();
    },
  };
}

function heldTooLong(path: string): MoltbotError {
  return new MoltbotError('DATABASE_BUSY', `Another moltbot process has held ${path} for too long.`, {
    hint: 'Wait for it to end (see: moltbot gateway status), then run the command again.',
  });
}

function lockError(path: string, cause: unknown): MoltbotError {
  if (isMoltbotError(cause)) return cause;
  if (resultCode(cause) === SQLITE.full || systemCode(cause) === 'ENOSPC') {
    return new MoltbotError('DISK_FULL', `No space is left on the disk for ${path}.`, {
      hint: 'Free some space and run the command again; nothing was changed.',
      cause,
    });
  }
  return new MoltbotError('NOT_PERMITTED', `The lock file ${path} cannot be opened: permission denied.`, {
    hint: `Check who owns ${dirname(path)} and what is in it: moltbot doctor`,
    cause,
  });
}

function resultCode(error: unknown): number | undefined {
  if (systemCode(error) !== 'ERR_SQLITE_ERROR') return undefined;
  return Number((error as { errcode?: unknown }).errcode) & 0xff;
}
