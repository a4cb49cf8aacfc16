import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { MoltbotError, systemCode } from '../core/errors.ts';
import { printable } from '../core/text.ts';

export interface TextFileLimits {
  readonly largestMb: number;
  /** What to do where it is larger. */
  readonly whenTooLarge: string;
  /** Which file is meant. */
  readonly hint: string;
}

/** The text of a file that a person names. USAGE for what is not there, no plain file, no text or too large; NOT_PERMITTED. */
export function readTextFile(path: string, { largestMb, whenTooLarge, hint }: TextFileLimits): string {
  const name = printable(path);
  try {
    const stats = statSync(path);
    if (!stats.isFile()) throw new MoltbotError('USAGE', `${name} is not a plain file.`, { hint });
    if (stats.size > largestMb * 1024 * 1024)
      throw new MoltbotError('USAGE', `${name} is larger than ${largestMb} MB.`, { hint: whenTooLarge });
    const bytes = readFileSync(path);
    if (!isUtf8(bytes)) throw new MoltbotError('USAGE', `${name} is not UTF-8 text.`, { hint });
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof MoltbotError) throw error;
    const code = systemCode(error);
    const isAbsent = code === 'ENOENT' || code === 'ENOTDIR';
    const what = isAbsent ? 'is not there' : `cannot be read (${code})`;
    throw new MoltbotError(isAbsent ? 'USAGE' : 'NOT_PERMITTED', `${name} ${what}.`, { hint, cause: error });
  }
}
