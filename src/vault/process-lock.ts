import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { MoltbotError, systemCode } from '../core/errors.ts';
import { makePrivateDirectory } from './private-file.ts';

const RETRY_MS = 25;
const SQLITE_BUSY = 5;

/**
 * Runs `work` while no other process (and no other call in this one) holds the lock of that path. The lock is SQLite's
 * exclusive lock on an empty file: the kernel gives it back the moment its holder dies, so there are no stale locks, no
 * process ids to compare and nothing to clean up after `kill -9`. The file stays behind, empty. (No state is in it, so it
 * does not go through the state database's `Database`.)
 * Fails with DATABASE_BUSY after `waitMs`, with NOT_PERMITTED when the directory cannot be written.
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
    throw new MoltbotError('NOT_PERMITTED', `The lock file ${path} cannot be opened for writing.`, {
      hint: 'Check who owns the directory and whether it can be written: moltbot doctor',
      cause: error,
    });
  }
}

/** SQLite's primary result code: https://www.sqlite.org/rescode.html */
function resultCode(error: unknown): number | undefined {
  if (systemCode(error) !== 'ERR_SQLITE_ERROR') return undefined;
  return Number((error as { errcode?: unknown }).errcode) & 0xff;
}
