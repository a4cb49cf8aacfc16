import { Guard } from '../../agents/guard.ts';
import { MoltbotError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import { headerOf } from '../../gateway/headers/raw-headers.ts';
import type { RouteRequest } from './route.ts';

/** Carries the guard passphrase, in UTF-8. */
export const GUARD_HEADER = 'x-moltbot-guard';

/**
 * Lets something pass that widens what agents may do: on the socket, while a guard passphrase is set, only with it. Over
 * TCP an admin key suffices. GUARD_REFUSED; a wrong passphrase is written to the audit and five in a minute are the last that are looked at.
 */
export function checkGuard({ management, caller, headers, by }: Omit<RouteRequest, 'input'>, what: string): void {
  if (caller.via === 'tcp') return;
  const { stores, guardTries } = management;
  const guard = new Guard(stores.database);
  if (!guard.isSet()) return;
  const sent = headerOf(headers, GUARD_HEADER);
  if (sent === undefined) throw refused(`The guard passphrase is needed to ${what}.`);
  if (guardTries.isAtLimit(caller.address, by.nowMs)) throw tooManyTries();
  // Node reads the bytes of a header as Latin-1.
  if (guard.opensWith(new Secret(Buffer.from(sent, 'latin1').toString('utf8')))) return;
  stores.audit.append({ actor: by.actor, action: 'guard.refused', subject: what }, by.nowMs);
  guardTries.add(caller.address, by.nowMs);
  throw refused('That is not the guard passphrase; nothing was changed.');
}

function tooManyTries(): MoltbotError {
  return new MoltbotError('THROTTLED', 'Too many wrong guard passphrases.', { hint: 'Wait a minute.' });
}

function refused(message: string): MoltbotError {
  return new MoltbotError('GUARD_REFUSED', message, {
    hint: `Send it as the header ${GUARD_HEADER}, or use the command line at a terminal.`,
  });
}
