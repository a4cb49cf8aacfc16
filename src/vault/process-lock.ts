import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { MoltbotError, systemCode } from '../core/errors.ts';
import { makePrivateDirectory } from './private-file.ts';

const RETRY_MS = 25;
const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;

/**
 * Runs `work` while no other process (and no other call in this one) holds the lock of that path. The lock is SQLite's
 * exclusive lock on an empty file: the kernel gives it back the moment its holder dies, so there are no stale locks, no
 * process ids to compare and nothing to clean up after `kill -9`. The file stays behind, empty. (No state is in it, so it
 * does not go through the state database's `Database`.)
 * Fails with DATABASE_BUSY after `waitMs`, with NOT_PERMITTED or DISK_FULL when the file cannot be made.
 */
export async function withProcessLock<T>(path: string, work: () => Promise<T>, waitMs = 30_000): Promise<T> {
  await makePrivateDirectory(dirname(path));
  const lock = await acquire(path, Date.now() + waitMs);
  try {
    return await work();
  } finally {
    // Closing rolls the empty transaction back and frees the lock.
    lock.close();
  }
}

async function acquire(path: string, giveUpAtMs: number): Promise<DatabaseSync> {
  for (;;) {
    const lock = tryAcquire(path);
    if (lock) return lock;
    if (Date.now() >= giveUpAtMs) {
      throw new MoltbotError('DATABASE_BUSY', `Another moltbot process has held ${path} for too long.`, {
        hint: 'Wait for it to end (see: moltbot gateway status), then run the command again.',
      });
    }
    await sleep(RETRY_MS);
  }
}

function tryAcquire(path: string): DatabaseSync | undefined {
  let lock: DatabaseSync | undefined;
  try {
    // Only when it is missing: closing any descriptor of a file gives up this process's POSIX locks on it.
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
    lock = new DatabaseSync(path, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (resultCode(error) === SQLITE_BUSY) return undefined;
    throw lockError(path, error);
  }
}

function lockError(path: string, error: unknown): MoltbotError {
  if (resultCode(error) === SQLITE_FULL || systemCode(error) === 'ENOSPC') {
    return new MoltbotError('DISK_FULL', `No space is left on the disk for ${path}.`, {
      hint: 'Free some space and run the command again; nothing was changed.',
      cause: error,
    });
  }
  return new MoltbotError('NOT_PERMITTED', `${dirname(path)} cannot be written: permission denied.`, {
    hint: `Check who owns ${dirname(path)} and what is in it: moltbot doctor`,
    cause: error,
  });
}

/** SQLite's primary result code: https://www.sqlite.org/rescode.html */
function resultCode(error: unknown): number | undefined {
  if (systemCode(error) !== 'ERR_SQLITE_ERROR') return undefined;
  return Number((error as { errcode?: unknown }).errcode) & 0xff;
}
