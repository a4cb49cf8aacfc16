import type { Stores } from '../../app.ts';
import { MoltbotError } from '../../core/errors.ts';
import { parseProfileId, parseServingId } from '../../core/ids.ts';
import { nearest } from '../../core/text.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import { type ServingRecord, servingId, servingRecords } from '../../profiles/serving-records.ts';
import { agentOption } from '../../rotation/messages.ts';

/** The stored profile of that id, or PROFILE_NOT_FOUND with the one that was probably meant. */
export function knownProfile(stores: Stores | undefined, agentId: string, profileId: string): Profile {
  const { ownerAgentId, profileId: ownId } = parseServingId(profileId);
  if (ownerAgentId !== undefined) {
    throw new MoltbotError(
      'USAGE',
      `"${profileId}" is agent "${ownerAgentId}"'s to change, also where it is granted.`,
      {
        hint: `Name it as its owner does: ${ownId} --agent ${ownerAgentId}`,
      },
    );
  }
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

/** The stored profile that may serve an agent under that id, its own or one it was lent. PROFILE_NOT_FOUND. */
export function knownServing(stores: Stores | undefined, agentId: string, id: string): ServingRecord {
  if (parseServingId(id).ownerAgentId === undefined)
    return { profile: knownProfile(stores, agentId, id), grant: undefined };
  const records = stores ? servingRecords(stores.profiles, stores.grants, agentId) : [];
  const record = records.find((each) => servingId(each) === id);
  if (record) return record;
  throw new MoltbotError('PROFILE_NOT_FOUND', `"${id}" is not granted to agent "${agentId}".`, {
    hint: `See what it has: moltbot models auth list${agentOption(agentId)}`,
  });
}
