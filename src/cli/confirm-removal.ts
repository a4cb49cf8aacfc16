import { MoltbotError } from '../core/errors.ts';
import { confirm } from './prompts/choose.ts';
import { hasTerminal, needsTerminal } from './prompts/terminal.ts';

/** Asks before something is deleted, unless `flag` said yes already. Without a terminal that flag is needed: USAGE. */
export async function confirmRemoval(question: string, yes: boolean, flag = '--yes'): Promise<void> {
  if (yes) return;
  if (!hasTerminal()) throw needsTerminal(`"${question}" needs a yes`, `Say yes on the command line: ${flag}`);
  if (await confirm(question, false)) return;
  throw new MoltbotError('INTERRUPTED', 'Nothing was removed.');
}
