import { MINUTE_MS } from '../core/time.ts';
import type { HealthState } from './types.ts';

/** How far a profile of another agent may be used. */
export interface GrantLimits {
  /** Canonical model ids; null: every model. */
  readonly models: readonly string[] | null;
  readonly requestsPerMinute: number | null;
  readonly createdAtMs: number;
}

/** A profile as its owner names it, and the grant under which another agent uses it. */
export interface LentProfile {
  /** The owner. */
  readonly agentId: string;
  readonly profileId: string;
  readonly grant: GrantLimits;
}

/** What an agent asks a lent profile for. */
export interface LentRequest {
  readonly agentId: string;
  /** Undefined: the request names none (a file, a batch, a list). */
  readonly model: string | undefined;
  /** Canonical ids of those it names beside it: in tools, in lists of replacements. `''` is one that cannot be read. */
  readonly otherModels?: readonly string[] | undefined;
  /** Lists of models are open under every grant. */
  readonly isModelList: boolean;
  /** When this agent used the profile within the last minute, oldest first. */
  readonly usesMs: readonly number[];
}

/**
 * What its grant holds against using a profile now, in the form of health, so that it is passed over and explained like
 * any other: the model is not covered, or the requests of this minute are used up. Undefined: nothing. A grant with models
 * covers no request without one: what a batch or a file asks for cannot be told from outside.
 */
export function grantState(
  { agentId, profileId, grant }: LentProfile,
  asked: LentRequest,
  nowMs: number,
): HealthState | undefined {
  const { models, requestsPerMinute, createdAtMs } = grant;
  const scope = { agentId, profileId, causedBy: asked.agentId };
  const isCovered = (model: string | undefined) => model !== undefined && models?.includes(model) === true;
  if (models && !asked.isModelList && ![asked.model, ...(asked.otherModels ?? [])].every(isCovered)) {
    // Where it is not the model itself, the request as a whole is not covered.
    const model = isCovered(asked.model) ? null : (asked.model ?? null);
    return { ...STATE, ...scope, model, kind: 'disabled', reason: 'not_granted', sinceMs: createdAtMs, untilMs: null };
  }
  // What a clock that was set back left in the future must not hold anybody up.
  const recent = asked.usesMs.filter((atMs) => atMs <= nowMs && atMs > nowMs - MINUTE_MS);
  if (requestsPerMinute === null || recent.length < requestsPerMinute) return undefined;
  const sinceMs = recent.at(-requestsPerMinute)!;
  const untilMs = sinceMs + MINUTE_MS;
  return { ...STATE, ...scope, model: null, kind: 'cooldown', reason: 'grant_rate', sinceMs, untilMs };
}

const STATE = {
  outcome: 'rejected',
  httpStatus: null,
  errorType: null,
  requestId: null,
  rung: 0,
  failuresInARow: 0,
  lastFailureMs: 0,
  changedBy: 'person',
} as const;
