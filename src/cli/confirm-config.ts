import type { App } from '../app.ts';
import { widenedBudgets } from '../budgets/widened-budgets.ts';
import { applyEdits, type ConfigEdit } from '../config/apply-edits.ts';
import { type Checked, checkConfig } from '../config/check.ts';
import { readConfigText } from '../config/load.ts';
import { widenedKeys } from '../config/widened-keys.ts';
import { confirmWidening } from './guard.ts';

/**
 * Asks for the guard passphrase before edits of the config that lead credentials or requests to other places, or let
 * more be spent.
 */
export async function confirmConfigEdits(app: App, edits: readonly ConfigEdit[]): Promise<void> {
  const { text } = app.config();
  await confirmConfigText(app, applyEdits(text, edits));
}

/** The same before a whole new text. A text that cannot be read is refused later, with its line. */
export async function confirmConfigText(app: App, text: string): Promise<void> {
  const before = checkConfig(readConfigText(app.paths.configFile) ?? '');
  const after = checkConfig(text);
  const budgets = before.ok && after.ok ? widenedBudgets(before.config, after.config) : [];
  const keys = [...widenedKeys(rawOf(before), rawOf(after)), ...budgets];
  if (keys.length > 0) await confirmWidening(app, `change ${keys.join(', ')}`);
}

function rawOf({ raw }: Checked): Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : {};
}
