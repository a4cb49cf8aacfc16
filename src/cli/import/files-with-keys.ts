import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { isMoltbotError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import type { Find } from './find.ts';
import { readSourceText, type SourceFile } from './source-file.ts';

/** A file that somebody could still take keys from. */
export interface FileWithKeys {
  readonly path: string;
  /** How many of the keys that were found are in it, as bytes: also in what a database has not overwritten yet. */
  readonly keys: number;
  /** How many logins (OAuth) were seen in it. */
  readonly logins: number;
}

const CHUNK_BYTES = 1024 * 1024;

/** What looks like a provider's key, in copies that nothing was brought from. */
const SHAPE = /(?<![\w-])(?:sk|xai)-[\w-]{20,}/g;

/** Looks into the files themselves, whatever was removed before. */
export function filesWithKeys(files: readonly SourceFile[], finds: readonly Find[]): FileWithKeys[] {
  const secrets = finds.flatMap(({ value }) => (value.kind === 'secret' ? [value.secret.reveal()] : []));
  return files
    .flatMap((file) => {
      const texts = isCopy(file) ? [...secrets, ...shapesIn(file.path)] : secrets;
      const paths = file.kind === 'database' ? [file.path, `${file.path}-wal`] : [file.path];
      return paths
        .filter((path) => existsSync(path))
        .map((path) => ({ path, keys: countIn(path, texts), logins: loginsIn(path, finds) }));
    })
    .filter(({ keys, logins }) => keys + logins > 0);
}

function isCopy(file: SourceFile): boolean {
  return file.kind === 'text' && file.read === undefined;
}

function shapesIn(path: string): string[] {
  try {
    return readSourceText(path).match(SHAPE) ?? [];
  } catch (error) {
    if (!isMoltbotError(error)) throw error;
    // No text that settings could be copied from.
    return [];
  }
}

/** Whether a file has this secret in it. */
export function holdsSecret(path: string, secret: Secret): boolean {
  return countIn(path, [secret.reveal()]) > 0;
}

function loginsIn(path: string, finds: readonly Find[]): number {
  return finds.filter(({ file, value }) => file === path && value.kind === 'unusable' && value.isLogin).length;
}

/** Reads piece by piece: a database may be far larger than memory. */
function countIn(path: string, texts: readonly string[]): number {
  const needles = [...new Set(texts)].map((text) => Buffer.from(text));
  const longest = Math.max(0, ...needles.map(({ length }) => length));
  const missing = new Set(needles);
  const chunk = Buffer.alloc(CHUNK_BYTES + longest);
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    // It could not be read before either, which was said.
    return 0;
  }
  try {
    for (let kept = 0; missing.size > 0; ) {
      const read = readSync(file, chunk, kept, CHUNK_BYTES, null);
      if (read === 0) break;
      const seen = chunk.subarray(0, kept + read);
      for (const needle of missing) if (seen.includes(needle)) missing.delete(needle);
      // A key may stand across the border of two pieces.
      kept = Math.min(longest, seen.length);
      seen.copy(chunk, 0, seen.length - kept);
    }
  } finally {
    closeSync(file);
  }
  return needles.length - missing.size;
}
