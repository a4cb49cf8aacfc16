import { Guard } from '../agents/guard.ts';
import type { App } from '../app.ts';
import { thisPerson } from '../audit/actor.ts';
import { MoltbotError } from '../core/errors.ts';
import { MAIN_AGENT } from '../core/ids.ts';
import type { Secret } from '../core/secret.ts';
import { askSecret } from './prompts/ask-secret.ts';
import { openControllingTerminal } from './prompts/controlling-terminal.ts';

/**
 * Asks for the guard passphrase before something that widens what agents may do; `what` completes "To …". Nothing is
 * asked where none is set. It is asked on the controlling terminal, also while stdin is a pipe; without one it is
 * refused: there, only a person's admin key widens. Fails with GUARD_REFUSED; a wrong passphrase is written to the audit.
 */
export async function confirmWidening(app: App, what: string): Promise<void> {
  const stores = app.storesForReading();
  if (!stores || !new Guard(stores.database).isSet()) return;
  const passphrase = await askOnTerminal(`Guard passphrase, to ${what}:`, `to ${what}`);
  if (new Guard(stores.database).opensWith(passphrase)) return;
  app.stores().audit.append({ actor: thisPerson(), action: 'guard.refused', subject: what }, app.now());
  throw refused('That is not the guard passphrase; nothing was changed.');
}

/** The same before a token is made for another agent than the one this process works for (`MOLTBOT_AGENT`, else `main`). */
export async function confirmMinting(app: App, agentId: string): Promise<void> {
  if (agentId === (process.env.MOLTBOT_AGENT || MAIN_AGENT)) return;
  await confirmWidening(app, `get a token for agent ${agentId}`);
}

/** A passphrase, typed where only a person can: GUARD_REFUSED without a controlling terminal. */
export async function askOnTerminal(question: string, why: string): Promise<Secret> {
  const terminal = openControllingTerminal();
  if (!terminal) throw refused(`The guard passphrase is needed ${why}, and there is no terminal to ask on.`);
  try {
    return await askSecret(question, terminal);
  } finally {
    terminal.close();
  }
}

function refused(message: string): MoltbotError {
  return new MoltbotError('GUARD_REFUSED', message, {
    hint: 'Run the command at a terminal, where you can type the passphrase.',
  });
}
