import { isMoltbotError, type MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { ForeignDatabase } from '../../database/foreign-database.ts';
import type { Find, ReadContext, Reading } from './find.ts';
import { isLoose, readSourceText, type SourceFile, statOf } from './source-file.ts';

/** What all files of a tool say together. */
export interface Sources {
  readonly files: readonly SourceFile[];
  readonly finds: readonly Find[];
  /** What a person should know of the files: readable by others, not readable at all, not followed. */
  readonly warnings: readonly string[];
}

/**
 * Reads every file; one that cannot be read is a warning as long as another one can. Changes nothing. Fails as the
 * first file did when none could be read.
 */
export function readSources(files: readonly SourceFile[], about: Omit<ReadContext, 'file'>): Sources {
  const readings: Reading[] = [];
  const warnings: string[] = [];
  let failure: MoltbotError | undefined;
  for (const file of files) {
    try {
      const found = readSource(file, { ...about, file: file.path });
      const isWorthStealing = found.some(({ finds }) => finds.length > 0);
      if (isWorthStealing && isLoose(statOf(file.path))) warnings.push(looseWarning(file.path));
      readings.push(...found);
    } catch (error) {
      if (!isMoltbotError(error)) throw error;
      failure ??= error;
      warnings.push(`Not read: ${error.message}${error.hint ? ` ${error.hint}` : ''}`);
    }
  }
  if (failure && readings.length === 0) throw failure;
  warnings.push(...readings.flatMap(({ notes = [] }) => notes.map(printable)));
  return { files, finds: withBaseUrls(readings), warnings };
}

function readSource(file: SourceFile, context: ReadContext): Reading[] {
  if (file.kind === 'text') return file.read ? [file.read(readSourceText(file.path), context)] : [];
  statOf(file.path);
  const database = new ForeignDatabase(file.path);
  return file.cells.flatMap((cell) => {
    const text = database.readCell(cell);
    return text === undefined ? [] : [cell.read(text, context)];
  });
}

/** A base URL that one file has for a provider holds for the keys that another one has. */
function withBaseUrls(readings: readonly Reading[]): Find[] {
  const known = new Map(readings.flatMap(({ baseUrls = {} }) => Object.entries(baseUrls)));
  return readings
    .flatMap(({ finds }) => finds)
    .map((find) => ({ ...find, baseUrl: find.baseUrl ?? known.get(find.provider) }));
}

function looseWarning(path: string): string {
  return `Other users of this machine can read ${printable(path)}: chmod 600 ${printable(path)}`;
}
