import { MINUTE_MS } from '../../core/time.ts';
import { grantState } from '../../rotation/grant-limits.ts';
import type { HealthState } from '../../rotation/types.ts';
import type { ServingProfile } from './roster.ts';

/** What is being asked for, as far as a grant cares. */
export interface AskedOfGrant {
  readonly agentId: string;
  readonly model: string | undefined;
  readonly otherModels?: readonly string[] | undefined;
  readonly isModelList: boolean;
}

/**
 * How often lent profiles were used in the last minute, by owner, profile and agent. In memory only: after a restart a
 * minute begins anew.
 */
export class GrantUses {
  readonly #usesMs = new Map<string, number[]>();

  note(profile: ServingProfile, agentId: string, nowMs: number): void {
    if (profile.grant?.requestsPerMinute == null) return;
    const key = keyOf(profile, agentId);
    const recent = (this.#usesMs.get(key) ?? []).filter((atMs) => atMs <= nowMs && atMs > nowMs - MINUTE_MS);
    this.#usesMs.set(key, [...recent, nowMs]);
  }

  /** What grants hold against these profiles for one request. */
  states(profiles: readonly ServingProfile[], asked: AskedOfGrant, nowMs: number): HealthState[] {
    return profiles.flatMap((profile) => {
      const { agentId, profileId, grant } = profile;
      if (!grant) return [];
      const usesMs = this.#usesMs.get(keyOf(profile, asked.agentId)) ?? [];
      return grantState({ agentId, profileId, grant }, { ...asked, usesMs }, nowMs) ?? [];
    });
  }
}

function keyOf({ id }: ServingProfile, agentId: string): string {
  return `${id} ${agentId}`;
}
