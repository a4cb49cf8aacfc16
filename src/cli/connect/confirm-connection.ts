import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { confirm } from '../prompts/choose.ts';
import { hasTerminal, needsTerminal } from '../prompts/terminal.ts';
import type { PlannedConnection } from './connect-client.ts';
import { namedSetting, previewLines } from './preview.ts';

/**
 * Shows what will be written and asks, unless `yes` said so already. Somebody else's settings are replaced only where
 * `replace` says so (ALREADY_EXISTS); without a terminal `yes` is needed (USAGE).
 */
export async function confirmConnection(
  { client, file, plan }: PlannedConnection,
  { yes, replace }: { readonly yes: boolean; readonly replace: boolean },
  show: (line: string) => void,
): Promise<void> {
  show(`${printable(file.path)}${file.text === undefined ? ' (new)' : ''}`);
  for (const line of previewLines(plan.changes)) show(`  ${line}`);
  const foreign = plan.changes.filter(({ isForeign }) => isForeign);
  if (foreign.length > 0 && !replace) {
    throw new MoltbotError(
      'ALREADY_EXISTS',
      `${client.name} is set up otherwise: ${foreign.map(namedSetting).join(', ')}.`,
      {
        hint: 'Nothing was changed. Add --replace to put moltbot in that place; --undo gives it back.',
      },
    );
  }
  if (yes) return;
  const question = 'Write that?';
  if (!hasTerminal()) throw needsTerminal(`"${question}" needs a yes`, 'Say yes on the command line: --yes');
  if (!(await confirm(question, false))) throw new MoltbotError('INTERRUPTED', 'Nothing was changed.');
}
