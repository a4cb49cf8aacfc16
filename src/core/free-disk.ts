import { statfsSync } from 'node:fs';
import { systemCode } from './errors.ts';

/** What programs without special rights may still write on the file system of a directory; undefined: it cannot say. */
export function freeDiskBytes(directory: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  } catch (error) {
    // A directory that is not there yet, or whose file system does not say: that is told by whoever writes to it.
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
