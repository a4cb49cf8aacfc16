import { Guard } from '../agents/guard.ts';
import type { App } from '../app.ts';
import { thisPerson } from '../audit/actor.ts';
import { MoltbotError } from '../core/errors.ts';
import { askSecret } from './prompts/ask-secret.ts';
import { hasTerminal } from './prompts/terminal.ts';

/**
 * Asks for the guard passphrase before something that widens what agents may do; `what` completes "To …". Nothing is
 * asked where none is set. Without a terminal it is refused: there, only a person's admin key widens.
 * Fails with GUARD_REFUSED; a wrong passphrase is written to the audit.
 */
export async function confirmWidening(app: App, what: string): Promise<void> {
  const stores = app.storesForReading();
  if (!stores || !new Guard(stores.database).isSet()) return;
  if (!hasTerminal()) throw refused(`The guard passphrase is needed to ${what}, and there is no terminal to ask on.`);
  const passphrase = await askSecret(`Guard passphrase, to ${what}:`);
  if (new Guard(stores.database).opensWith(passphrase)) return;
  app.stores().audit.append({ actor: thisPerson(), action: 'guard.refused', subject: what }, app.now());
  throw refused('That is not the guard passphrase; nothing was changed.');
}

function refused(message: string): MoltbotError {
  return new MoltbotError('GUARD_REFUSED', message, {
    hint: 'Run the command at a terminal, where you can type the passphrase.',
  });
}
