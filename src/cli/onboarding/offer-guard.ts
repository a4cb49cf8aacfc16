import { Guard } from '../../agents/guard.ts';
import type { App } from '../../app.ts';
import { isMoltbotError } from '../../core/errors.ts';
import { confirm } from '../prompts/choose.ts';
import { setGuard } from '../set-guard.ts';

/** One question at the end of onboarding: whether what widens needs a passphrase from now on. Asked until it is set. */
export async function offerGuard(app: App, note: (line: string) => void): Promise<void> {
  if (new Guard(app.stores().database).isSet()) return;
  const question = 'Ask for a passphrase before anything widens what agents may do (grants, approvals, new addresses)?';
  if (!(await confirm(question, false))) return;
  try {
    await setGuard(app);
    note('The guard passphrase is set. Take it away again with: moltbot guard remove');
  } catch (error) {
    // What onboarding has stored stays, whatever becomes of this question.
    if (!isMoltbotError(error)) throw error;
    note(`${error.message} Set one later: moltbot guard set`);
  }
}
