import type { By } from '../../agents/change-agents.ts';
import { MoltbotError } from '../../core/errors.ts';
import { changeProfile } from '../../profiles/change-profile.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import { findProvider } from '../../providers/registry.ts';
import type { Management } from '../management.ts';
import type { Caller } from '../server/caller.ts';
import { InvalidFieldsError } from '../server/check-input.ts';
import { type AuthData, destinationOf, hasSecret } from './auth-data.ts';
import { replaceSecret } from './replace-secret.ts';
import { assertFuture } from './store-credential.ts';

export interface CredentialChange {
  readonly profile?: string | undefined;
  readonly expires_at?: number | null | undefined;
  readonly auth_data?: (AuthData & { readonly base_url: string | null }) | undefined;
}

interface WantedChange {
  readonly profile: Profile;
  readonly change: CredentialChange;
  readonly via: Caller['via'];
}

/**
 * Changes what is named; gives the credential as it is then. A base URL of another origin needs the secret again, which
 * is tested there: USAGE (400) without it. INVALID_FIELDS when nothing is named.
 */
export async function changeCredential(
  management: Management,
  { profile, change, via }: WantedChange,
  by: By,
): Promise<Profile> {
  if (Object.values(change).every((value) => value === undefined)) throw nothingNamed();
  assertFuture(change.expires_at, by.nowMs);
  if (change.auth_data) await changeDestination(management, { profile, change, via }, change.auth_data, by);
  else if (change.expires_at !== undefined)
    changeProfile(management.stores, profile, { expiresAtMs: change.expires_at }, by);
  const { agentId, profileId } = profile;
  const newId = change.profile ?? profileId;
  if (newId !== profileId) await management.credentials(by.actor).rename(agentId, profileId, newId);
  return management.stores.profiles.get(agentId, newId)!;
}

async function changeDestination(
  management: Management,
  { profile, change, via }: WantedChange,
  auth_data: AuthData & { readonly base_url: string | null },
  by: By,
): Promise<void> {
  const provider = findProvider(management.providers(), profile.provider);
  const destination = destinationOf(provider, auth_data.base_url, via);
  const { expires_at = profile.expiresAtMs } = change;
  if (hasSecret(auth_data)) {
    await replaceSecret(management, profile, { auth_data, expires_at, skip_test: false }, by, destination);
    return;
  }
  if (destination.base.origin !== profile.origin) throw secretAgain(profile, destination.base.origin);
  changeProfile(management.stores, profile, { baseUrl: destination.baseUrl, expiresAtMs: expires_at }, by);
}

function secretAgain({ profileId, origin }: Profile, wanted: string): MoltbotError {
  return new MoltbotError(
    'USAGE',
    `auth_data: the secret of "${profileId}" was stored for ${origin}; to send it to ${wanted} it is needed again.`,
    { hint: 'Add api_key or token beside base_url.' },
  );
}

function nothingNamed(): InvalidFieldsError {
  return new InvalidFieldsError([{ loc: ['body'], msg: 'Nothing to change', type: 'missing' }]);
}
