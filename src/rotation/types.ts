import type { CredentialType } from '../providers/provider.ts';

/** What an upstream answer means for the profile that got it (the table of `docs/rotation.md`). */
export type Outcome =
  | 'ok'
  | 'rate_limited'
  | 'billing'
  | 'auth'
  | 'model_denied'
  | 'wrong_client'
  | 'overloaded'
  | 'server_error'
  | 'unreachable'
  | 'broken'
  | 'rejected'
  | 'client_gone';

/**
 * Why a profile is unusable, as `models status --json` names it. The last two are limits of a grant: never stored, and
 * only for the agent that has it.
 */
export const UNUSABLE_REASONS = [
  'rate_limit',
  'billing',
  'auth',
  'model_denied',
  'origin_changed',
  'person',
  'not_granted',
  'grant_rate',
] as const;

export type Reason = (typeof UNUSABLE_REASONS)[number];

/** A profile that may serve an agent, as plain data. `id` is `anthropic:work`; a granted one is `main/anthropic:work`. */
export interface Candidate {
  readonly id: string;
  readonly type: CredentialType;
  readonly lastUsedAtMs: number | undefined;
  readonly expiresAtMs: number | undefined;
}

/** What an upstream answer said, read from status, headers and the provider's structured error. */
export interface Judgement {
  readonly outcome: Outcome;
  readonly httpStatus: number | undefined;
  readonly errorType: string | undefined;
  readonly requestId: string | undefined;
  /** The provider's own time, epoch ms, within the limits of `provider-time.ts`; undefined: the ladder decides. */
  readonly readyAtMs: number | undefined;
  /** Whether the whole profile or only the model is meant. */
  readonly scope: 'profile' | 'model';
  /** Whether another profile may be tried for the same request. */
  readonly tryNext: boolean;
  /** Whether the answer may write, move or clear a state: false for outcomes and routes that say nothing about health. */
  readonly affectsHealth: boolean;
}

/**
 * Why and how long one profile is not to be used: one record per profile and model (`model: null` covers the profile).
 * It stays after its window ended, as the rung to go on from, until a success or `failureWindowHours` without a failure.
 */
export interface HealthState {
  readonly agentId: string;
  readonly profileId: string;
  readonly model: string | null;
  readonly kind: 'cooldown' | 'disabled';
  readonly reason: Reason;
  readonly outcome: Outcome;
  readonly httpStatus: number | null;
  readonly errorType: string | null;
  readonly requestId: string | null;
  /** The agent whose request caused it. */
  readonly causedBy: string | null;
  readonly sinceMs: number;
  /** Null: only a person or a passed test ends it. */
  readonly untilMs: number | null;
  readonly rung: number;
  /** `auth` failures in a row: the third disables. */
  readonly failuresInARow: number;
  readonly lastFailureMs: number;
  readonly changedBy: 'gateway' | 'person' | 'credential replaced';
}
