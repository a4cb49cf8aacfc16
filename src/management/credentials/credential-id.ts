import { MoltbotError } from '../../core/errors.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import type { Management } from '../management.ts';

/** What the API calls a credential: agent and profile in one opaque text. */
export function credentialId({ agentId, profileId }: Pick<Profile, 'agentId' | 'profileId'>): string {
  return Buffer.from(`${agentId}/${profileId}`).toString('base64url');
}

/** The stored credential of that id. PROFILE_NOT_FOUND. */
export function findCredential({ stores }: Management, id: string): Profile {
  const name = Buffer.from(id, 'base64url').toString('utf8');
  const slash = name.indexOf('/');
  const profile = stores.profiles.get(name.slice(0, slash), name.slice(slash + 1));
  if (profile && credentialId(profile) === id) return profile;
  throw new MoltbotError('PROFILE_NOT_FOUND', 'There is no credential with that id.', {
    hint: 'See which there are: GET /api/v1/credentials',
  });
}
