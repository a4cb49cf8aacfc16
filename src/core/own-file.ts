import { lstatSync } from 'node:fs';
import { MoltbotError } from './errors.ts';

/**
 * Refuses (NOT_PERMITTED) a file that somebody else could have put there while the directory was open to others: a
 * symbolic link, another kind of file, another owner, who might still have it open. One that is not there is fine.
 */
export function assertOwnFile(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return;
  const ownUid = process.getuid?.();
  if (stats.isSymbolicLink()) throw refused(path, 'is a symbolic link, which is refused');
  if (!stats.isFile()) throw refused(path, 'is not a plain file');
  if (ownUid !== undefined && stats.uid !== ownUid) throw refused(path, 'belongs to another user');
}

function refused(path: string, why: string): MoltbotError {
  return new MoltbotError('NOT_PERMITTED', `${path} ${why}.`, {
    hint: `See what it is, and move it away if you did not put it there: ls -l ${path}`,
  });
}
