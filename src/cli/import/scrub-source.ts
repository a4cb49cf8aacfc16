import type { App } from '../../app.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { confirm } from '../prompts/choose.ts';
import type { Imported } from './run-import.ts';
import { filesToScrub, removableSecrets, type Scrubbing, scrubFiles } from './scrub-files.ts';

/** Asks, then takes the keys that are now in the vault out of the files they came from. */
export async function scrubSource(
  app: App,
  { sources, items }: Imported,
  options: { readonly agentId: string; readonly yes: boolean; readonly note: (line: string) => void },
): Promise<Scrubbing> {
  const secrets = await removableSecrets(app, options.agentId, items);
  const files = filesToScrub(sources.files, secrets);
  if (files.length === 0) return { scrubbed: [], warnings: [] };
  for (const { path } of files) options.note(`To be changed: ${printable(path)}`);
  const question = `Take the keys that are in the vault now out of ${files.length === 1 ? 'this file' : 'these files'}?`;
  if (!options.yes && !(await agrees(question))) return { scrubbed: [], warnings: [] };
  return scrubFiles(files, secrets);
}

/** Ctrl-C here is not what it is before: the keys are stored by now. */
async function agrees(question: string): Promise<boolean> {
  try {
    return await confirm(question, false);
  } catch (error) {
    throw new MoltbotError('INTERRUPTED', 'Interrupted; the keys are in the vault, the files are as they were.', {
      cause: error,
    });
  }
}
