import { readFileSync, type Stats, statSync } from 'node:fs';
import { MoltbotError, systemCode } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import type { ForeignCell } from '../../database/foreign-database.ts';
import type { TextReader } from './find.ts';
import type { TextFormat } from './parse-text.ts';

/** A file of another tool. */
export type SourceFile = TextSource | DatabaseSource;

export interface TextSource {
  readonly kind: 'text';
  readonly path: string;
  readonly format: TextFormat;
  /** Left out for a copy that the tool made: it brings nothing, but may still hold the keys. */
  readonly read?: TextReader;
}

export interface DatabaseSource {
  readonly kind: 'database';
  readonly path: string;
  readonly cells: readonly (ForeignCell & { readonly read: TextReader })[];
}

const LARGEST_BYTES = 8 * 1024 * 1024;

/**
 * The text of a plain file, exactly as it is on the disk. A link is followed: settings are often kept elsewhere. Fails
 * with NOT_PERMITTED, or USAGE for what cannot be a settings file.
 */
export function readSourceText(path: string): string {
  const stats = statOf(path);
  if (stats.size > LARGEST_BYTES) throw notSettings(path, 'is far larger than a file of settings');
  const bytes = attempt(path, () => readFileSync(path));
  const text = bytes.toString('utf8');
  // What does not come back the same could not be written back unharmed.
  if (!Buffer.from(text).equals(bytes)) throw notSettings(path, 'is not a text');
  return text;
}

/** Of the file that the path leads to; anything but a plain file would block or never end. */
export function statOf(path: string): Stats {
  const stats = attempt(path, () => statSync(path));
  if (!stats.isFile()) throw notSettings(path, 'is not a plain file');
  return stats;
}

/** Whether other users of this machine can read it. */
export function isLoose({ mode }: Stats): boolean {
  return process.platform !== 'win32' && (mode & 0o044) !== 0;
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = systemCode(error);
    const isAbsent = code === 'ENOENT' || code === 'ENOTDIR';
    throw new MoltbotError(
      isAbsent ? 'USAGE' : 'NOT_PERMITTED',
      `${printable(path)} ${isAbsent ? 'is not there' : `cannot be read (${code})`}.`,
      { hint: isAbsent ? 'Give the file or its directory with --from.' : `ls -ld ${printable(path)}`, cause: error },
    );
  }
}

function notSettings(path: string, why: string): MoltbotError {
  return new MoltbotError('USAGE', `${printable(path)} ${why}.`, { hint: 'Give the right file with --from.' });
}
