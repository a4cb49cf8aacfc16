import { readFileSync, statSync } from 'node:fs';
import { MoltbotError, systemCode } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';

/** A year of hours of a busy organisation is a few megabytes. */
const LARGEST_BYTES = 32 * 1024 * 1024;
const HINT = 'Give the file that the provider let you download: --csv usage.csv';

/** The text of an export. USAGE for what is not there, is no plain file or is far too large; NOT_PERMITTED. */
export function readExportFile(path: string): string {
  const name = printable(path);
  try {
    const stats = statSync(path);
    if (!stats.isFile()) throw new MoltbotError('USAGE', `${name} is not a plain file.`, { hint: HINT });
    if (stats.size > LARGEST_BYTES)
      throw new MoltbotError('USAGE', `${name} is larger than 32 MB.`, { hint: 'Export fewer days at a time.' });
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof MoltbotError) throw error;
    const code = systemCode(error);
    const isAbsent = code === 'ENOENT' || code === 'ENOTDIR';
    const what = isAbsent ? 'is not there' : `cannot be read (${code})`;
    throw new MoltbotError(isAbsent ? 'USAGE' : 'NOT_PERMITTED', `${name} ${what}.`, { hint: HINT, cause: error });
  }
}
