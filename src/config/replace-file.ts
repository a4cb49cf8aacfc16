import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { makeDirectory } from '../core/make-directory.ts';
import { fileError } from './paths.ts';

/**
 * Puts a new text in the place of a file, or makes it: written beside it, fsynced, renamed over it, so that a reader and
 * a power cut see the old or the new text and never a part. `lastCheck` runs just before the rename; `mode` is what the
 * file has then.
 */
export function replaceFile(path: string, text: string, lastCheck: () => void = () => {}, mode = 0o600): void {
  const neighbour = `${path}.${process.pid}.new`;
  try {
    makeDirectory(dirname(path));
    rmSync(neighbour, { force: true });
    writeWhole(neighbour, text, mode);
    lastCheck();
    renameSync(neighbour, path);
    syncDirectory(dirname(path));
  } catch (error) {
    rmSync(neighbour, { force: true });
    throw fileError(path, 'written', error);
  }
}

/** The file that a path means in the end, also when a link points to nothing yet. */
export function throughLinks(path: string): string {
  let target = path;
  // Forty steps is where the kernel gives up, too.
  for (let step = 0; step < 40; step++) {
    if (!lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink()) return target;
    target = resolve(dirname(target), readlinkSync(target));
  }
  throw fileError(path, 'written', Object.assign(new Error('too many links'), { code: 'ELOOP' }));
}

function writeWhole(path: string, text: string, mode: number): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    // Whatever the umask is.
    fchmodSync(file, mode);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The rename itself has to reach the disk. Windows cannot open a directory. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
