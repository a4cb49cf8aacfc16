import { grantedId } from '../core/ids.ts';
import type { Grant, GrantStore } from './grant-store.ts';
import type { Profile, ProfileStore } from './profile-store.ts';

/** A stored profile that may serve an agent; `grant` says how far, where it is another agent's. */
export interface ServingRecord {
  readonly profile: Profile;
  readonly grant: Grant | undefined;
}

/** As the agent that it serves names it: `anthropic:work`, or `main/anthropic:work` for one that it was lent. */
export function servingId({ profile, grant }: ServingRecord): string {
  return grant ? grantedId(profile.agentId, profile.profileId) : profile.profileId;
}

/** The agent's own profiles, then those it was lent by name. Nothing else is ever taken over from another agent. */
export function servingRecords(profiles: ProfileStore, grants: GrantStore, agentId: string): ServingRecord[] {
  const own = profiles.list(agentId).map((profile) => ({ profile, grant: undefined }));
  const lent = grants.to(agentId).flatMap((grant) => {
    const profile = profiles.get(grant.ownerAgentId, grant.profileId);
    return profile ? [{ profile, grant }] : [];
  });
  return [...own, ...lent];
}
