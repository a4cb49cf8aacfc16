import type { Stores } from '../../app.ts';
import { MoltbotError } from '../../core/errors.ts';
import { parseProfileId } from '../../core/ids.ts';
import { nearest } from '../../core/text.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import { agentOption } from '../../rotation/messages.ts';

/** The stored profile of that id, or PROFILE_NOT_FOUND with the one that was probably meant. */
export function knownProfile(stores: Stores | undefined, agentId: string, profileId: string): Profile {
  const { provider, name } = parseProfileId(profileId);
  const profile = stores?.profiles.get(agentId, profileId);
  if (profile) return profile;
  if (name === 'env') {
    throw new MoltbotError(
      'PROFILE_NOT_FOUND',
      `"${profileId}" is a key in the gateway's environment; it is not stored.`,
      {
        hint: `Store one of its own: moltbot models auth add --provider ${provider}${agentOption(agentId)}`,
      },
    );
  }
  const guess = nearest(profileId, stores?.profiles.list(agentId).map((each) => each.profileId) ?? []);
  throw new MoltbotError('PROFILE_NOT_FOUND', `Agent "${agentId}" has no profile "${profileId}".`, {
    hint: guess ? `Did you mean "${guess}"?` : `See which there are: moltbot models auth list${agentOption(agentId)}`,
  });
}
