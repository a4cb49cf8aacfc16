import { thisPerson } from '../../audit/actor.ts';
import { MoltbotError } from '../../core/errors.ts';
import { tooManyFailures } from '../../gateway/admit/too-many-failures.ts';
import { presentedTokens } from '../../gateway/headers/credentials.ts';
import type { RawHeaders } from '../../gateway/headers/raw-headers.ts';
import type { Management } from '../management.ts';
import type { Caller } from './caller.ts';

/** Agent keys, client secrets, access tokens and poll tokens: what agents hold. */
const OF_AGENTS = /^mb[apst]_/;

/**
 * Who calls. On the socket whoever may open the file, as its owner; over TCP the holder of an admin key. What an agent
 * holds is refused on both (ROLE_NOT_ALLOWED), anything else over TCP is ADMIN_KEY_REJECTED. Failures are throttled
 * (THROTTLED), and only failures.
 */
export function authenticate(
  { stores, failedLogins, now }: Management,
  raw: RawHeaders,
  via: Caller['via'],
  remoteAddress: string | undefined,
): Caller {
  const address = remoteAddress ?? 'socket';
  const texts = presentedTokens(raw);
  const isAgent = texts.some((text) => OF_AGENTS.test(text));
  if (!isAgent && via === 'socket') return { role: 'owner', actor: thisPerson(), via, address };
  const found = isAgent ? [] : texts.map((text) => stores.adminKeys.findByText(text));
  const key = found.find((each) => each !== undefined);
  if (!key) {
    if (failedLogins.add(address, now())) throw tooManyFailures('key');
    throw isAgent ? notForAgents() : rejected();
  }
  stores.adminKeys.touch(key, now());
  return { role: key.role, actor: `admin:${key.id}`, via, address };
}

/** An admin key ends streams that were begun with it, too: asked again and again while one goes on. */
export function isStillAllowed({ stores }: Management, { via, actor }: Caller): boolean {
  if (via === 'socket') return true;
  return stores.adminKeys.find(actor.slice('admin:'.length))?.revokedAtMs === null;
}

function rejected(): MoltbotError {
  return new MoltbotError('ADMIN_KEY_REJECTED', 'No valid admin key was sent.', {
    hint: 'Send one as "Authorization: Bearer mbm_…"; make one with: moltbot admin keys create',
  });
}

function notForAgents(): MoltbotError {
  return new MoltbotError('ROLE_NOT_ALLOWED', 'What an agent holds does not open the management API.', {
    hint: 'Send an admin key: moltbot admin keys create',
  });
}
