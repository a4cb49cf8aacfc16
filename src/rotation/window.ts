import type { HealthState } from './types.ts';

/** What one state covers: a profile (by its owner), or one model on it. */
export interface Scope {
  readonly agentId: string;
  readonly profileId: string;
  readonly model: string | null;
}

/** The key of a half-open slot. One request at a time probes a scope, whichever agent it came from. */
export function scopeKey({ agentId, profileId, model }: Scope): string {
  return JSON.stringify([agentId, profileId, model]);
}

/** Whether the window is closed: nothing is sent. After it the profile is half-open until a success clears the state. */
export function isClosed(state: HealthState, nowMs: number): boolean {
  return state.untilMs === null || nowMs < state.untilMs;
}

/** Whether the state speaks about this model: the model itself, or the whole profile. */
export function covers(state: HealthState, model: string | undefined): boolean {
  return state.model === null || state.model === model;
}

/** The id under which an agent knows the profile of a state: its own by profile id, another's with the owner in front. */
export function candidateIdOf(state: HealthState, agentId: string): string {
  return state.agentId === agentId ? state.profileId : `${state.agentId}/${state.profileId}`;
}
