import { MoltbotError } from '../core/errors.ts';
import type { ProfileStore } from './profile-store.ts';

/** Fails with PROFILE_NOT_FOUND or ALREADY_EXISTS. */
export function assertRenamable(profiles: ProfileStore, agentId: string, profileId: string, newId: string): void {
  if (!profiles.get(agentId, profileId)) {
    throw new MoltbotError('PROFILE_NOT_FOUND', `Agent "${agentId}" has no profile "${profileId}".`, {
      hint: 'See which there are: moltbot models auth list',
    });
  }
  if (profiles.find(agentId, newId)) {
    throw new MoltbotError('ALREADY_EXISTS', `Agent "${agentId}" already has a profile "${newId}".`, {
      hint: `Remove it first: moltbot models auth remove ${newId}`,
    });
  }
}
