import { readTextFile } from '../read-text-file.ts';

/** The text of an export: a year of hours of a busy organisation is a few megabytes. Fails as `readTextFile` does. */
export function readExportFile(path: string): string {
  return readTextFile(path, {
    largestMb: 32,
    whenTooLarge: 'Export fewer days at a time.',
    hint: 'Give the file that the provider let you download: --csv usage.csv',
  });
}
