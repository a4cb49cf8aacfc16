import { MoltbotError } from '../core/errors.ts';
import { confirm } from './prompts/choose.ts';
import { hasTerminal, needsTerminal } from './prompts/terminal.ts';

/** Asks before something is deleted, unless `--yes` said so already. Without a terminal that flag is needed: USAGE. */
export async function confirmRemoval(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!hasTerminal()) throw needsTerminal(question.replace(/\?$/, ''), 'Say yes on the command line: --yes');
  if (await confirm(question, false)) return;
  throw new MoltbotError('INTERRUPTED', 'Nothing was removed.');
}
