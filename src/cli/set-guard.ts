import { Guard } from '../agents/guard.ts';
import type { App } from '../app.ts';
import { thisPerson } from '../audit/actor.ts';
import { MoltbotError } from '../core/errors.ts';
import { askOnTerminal } from './guard.ts';

/** Shorter ones are guessed; longer ones are a matter of taste. */
const SHORTEST = 8;

/** What the passphrase is asked for, as commands and docs list it. */
export const GUARDED = [
  'resuming a paused agent',
  'letting an agent do more, or giving it a key',
  'granting a profile to another agent',
  'approving an enrolment',
  'getting a token for another agent',
  'sending credentials to a new base URL',
  'importing credentials',
  'admin keys',
] as const;

/** Asks for a new guard passphrase twice and sets it. USAGE when the two differ or it is too short. */
export async function setGuard(app: App): Promise<void> {
  const first = await askOnTerminal(`New guard passphrase (at least ${SHORTEST} characters):`, 'to set it');
  if (first.reveal().normalize('NFC').length < SHORTEST) throw mistyped(`It has less than ${SHORTEST} characters.`);
  const second = await askOnTerminal('The same again:', 'to set it');
  if (first.reveal() !== second.reveal()) throw mistyped('The two are not the same.');
  const { database, audit } = app.stores();
  database.transaction(() => {
    new Guard(database).set(first);
    audit.append({ actor: thisPerson(), action: 'guard.set', subject: 'guard' }, app.now());
  });
}

function mistyped(why: string): MoltbotError {
  return new MoltbotError('USAGE', `${why} No guard passphrase was set.`, { hint: 'Try again: moltbot guard set' });
}
