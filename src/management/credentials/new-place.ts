import { MoltbotError } from '../../core/errors.ts';
import { parseProfileId } from '../../core/ids.ts';
import type { ProfileStore } from '../../profiles/profile-store.ts';
import { InvalidFieldsError } from '../server/check-input.ts';

/** Names that stand for what is not stored: a key in the environment, a provider without credentials. */
const RESERVED = ['env', 'none'];

/** Whether a credential may be stored there: ALREADY_EXISTS, INVALID_FIELDS for a profile id that cannot be its name. */
export function assertFreePlace(
  profiles: ProfileStore,
  providerId: string,
  { agentId, profileId }: { readonly agentId: string; readonly profileId: string },
): void {
  const { provider, name } = parseProfileId(profileId);
  if (provider !== providerId) throw badProfile(`Expected a profile of ${providerId}`);
  if (RESERVED.includes(name)) throw badProfile('This name stands for what is not stored');
  if (!profiles.find(agentId, profileId)) return;
  throw new MoltbotError('ALREADY_EXISTS', `Agent "${agentId}" already has a profile "${profileId}".`, {
    hint: 'Choose another name as "profile", or replace its secret: PUT /api/v1/credentials/{id}/secret',
  });
}

function badProfile(msg: string): InvalidFieldsError {
  return new InvalidFieldsError([{ loc: ['body', 'profile'], msg, type: 'profile' }]);
}
