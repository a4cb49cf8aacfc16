import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MoltbotError, systemCode } from '../core/errors.ts';
import { makeDirectory } from '../core/make-directory.ts';

export interface PrivateFile {
  readonly bytes: Buffer;
  /** Changes whenever the file is written or replaced. */
  readonly stamp: string;
}

/**
 * Reads a file that only its owner may read; undefined when it is not there. A file that others can read, or that
 * another user owns, is refused with NOT_PERMITTED: somebody else may have read or put it there.
 */
export async function readPrivateFile(
  path: string,
  options: { followLinks: boolean },
): Promise<PrivateFile | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | (options.followLinks ? 0 : constants.O_NOFOLLOW));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(path, 'read', error);
  }
  try {
    const { uid, mode, ino, mtimeNs, size } = await file.stat({ bigint: true });
    refuseForeignOrLoose(path, Number(uid), Number(mode));
    return { bytes: await file.readFile(), stamp: `${ino} ${mtimeNs} ${size}` };
  } catch (error) {
    throw fileError(path, 'read', error);
  } finally {
    await file.close();
  }
}

function refuseForeignOrLoose(path: string, uid: number, mode: number): void {
  const ownUid = process.getuid?.();
  // Windows has no modes to look at; root may use anybody's file, and anybody root's.
  if (ownUid === undefined) return;
  if (uid !== ownUid && uid !== 0 && ownUid !== 0) {
    throw new MoltbotError('NOT_PERMITTED', `${path} belongs to another user.`, {
      hint: `Take it over, if you trust it: sudo chown $USER ${path}`,
    });
  }
  if ((mode & 0o077) !== 0) {
    const octal = (mode & 0o777).toString(8).padStart(4, '0');
    throw new MoltbotError('NOT_PERMITTED', `${path} can be read by others (mode ${octal}).`, {
      hint: `Close it: chmod 600 ${path}`,
    });
  }
}

/**
 * Writes the whole file or nothing: a neighbour with mode 0600 is written and fsynced, then renamed over it. The caller
 * holds a lock, so that the neighbour has one writer. Fails with DISK_FULL or NOT_PERMITTED; the old file is then whole.
 */
export async function writePrivateFile(path: string, bytes: Uint8Array): Promise<void> {
  const neighbour = `${path}.new`;
  try {
    await makePrivateDirectory(dirname(path));
    // One that a crash left, or a link that somebody planted.
    await rm(neighbour, { force: true });
    await writeNewFile(neighbour, bytes);
    await rename(neighbour, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(neighbour, { force: true }).catch(() => {}); // the first error is the one to tell
    throw fileError(path, 'written', error);
  }
}

/** Makes a directory (and those above it) for its owner only; one that exists stays as it is. */
export async function makePrivateDirectory(path: string): Promise<void> {
  try {
    makeDirectory(path);
  } catch (error) {
    throw fileError(path, 'written', error);
  }
}

async function writeNewFile(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.chmod(0o600); // whatever the umask is
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The rename itself has to reach the disk, too. Windows cannot open a directory. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  await directory.sync().finally(() => directory.close());
}

function fileError(path: string, verb: 'read' | 'written', error: unknown): MoltbotError {
  if (error instanceof MoltbotError) return error;
  const code = systemCode(error);
  const options = { cause: error };
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new MoltbotError('DISK_FULL', `No space is left on the disk for ${path}.`, {
      ...options,
      hint: 'Free some space and run the command again; nothing was changed.',
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new MoltbotError('NOT_PERMITTED', `${path} cannot be ${verb}: permission denied.`, {
      ...options,
      hint: `Check its owner and mode, and those of ${dirname(path)}: moltbot doctor`,
    });
  }
  if (code === 'ELOOP') {
    return new MoltbotError('NOT_PERMITTED', `${path} is a symbolic link, which is refused.`, {
      ...options,
      hint: 'Put the file itself there, or point MOLTBOT_HOME at the directory it is in.',
    });
  }
  return new MoltbotError('VAULT_UNAVAILABLE', `${path} cannot be ${verb} (${code ?? 'unknown error'}).`, {
    ...options,
    hint: 'Check the disk and the path, then run: moltbot doctor',
  });
}
