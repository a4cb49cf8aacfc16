import type { CooldownConfig } from '../config/schema.ts';
import { HOUR_MS, MINUTE_MS } from '../core/time.ts';
import type { HealthState, Judgement, Outcome, Reason } from './types.ts';
import { covers, isClosed, type Scope } from './window.ts';

const MODEL_DENIED_MS = 5 * MINUTE_MS;
const AUTH_FAILURES_TO_DISABLE = 3;

/** Whose answer it was. `agentId` owns the profile (for a granted one not the agent that asked, which is `causedBy`). */
export interface Occurrence {
  readonly agentId: string;
  readonly profileId: string;
  readonly model: string | undefined;
  readonly causedBy: string;
  /** Whether another profile has served this same model: only then is a refused model held against a profile. */
  readonly servedByAnother: boolean;
  readonly config: CooldownConfig;
}

export type HealthChange =
  | { readonly kind: 'set'; readonly state: HealthState }
  | { readonly kind: 'clear'; readonly scope: Scope };

/**
 * What to write down after one answer. `states` are those of the profile (others are ignored); no change is an empty
 * list. Whether the request was the probe makes no difference: a failure inside a closed window changes nothing, one
 * after it takes the next rung.
 *
 * A success for model M clears (profile, M) in any case and the profile-wide state once its window has ended. Inside a
 * profile-wide window it is the late answer to a request that was sent before, and says nothing against the window.
 */
export function nextStates(
  states: readonly HealthState[],
  judgement: Judgement,
  occurrence: Occurrence,
  nowMs: number,
): HealthChange[] {
  if (!judgement.affectsHealth) return [];
  const mine = states.filter(
    (state) =>
      state.agentId === occurrence.agentId &&
      state.profileId === occurrence.profileId &&
      covers(state, occurrence.model),
  );
  if (judgement.outcome === 'ok') return mine.filter((state) => isClearedBySuccess(state, nowMs)).map(clearing);
  const reason = REASONS[judgement.outcome];
  const scope = scopeOf(judgement, occurrence);
  if (!reason || !scope || isInsideWindow(mine, scope, nowMs)) return [];
  const before = mine.find((state) => state.model === scope.model);
  if (reason === 'model_denied' && !before && !occurrence.servedByAnother) return [];
  return [{ kind: 'set', state: failed(before, reason, scope, judgement, occurrence, nowMs) }];
}

/**
 * Whether a state has become history: its window ended and nothing failed for `failureWindowHours`. It may be deleted.
 * A disabled profile was not even tried in its window, so its quiet time begins after it: a window of 24 h would
 * otherwise be forgotten in the moment it ends.
 */
export function isForgotten(state: HealthState, config: CooldownConfig, nowMs: number): boolean {
  if (isClosed(state, nowMs)) return false;
  const quietSinceMs = (state.kind === 'disabled' ? state.untilMs : null) ?? state.lastFailureMs;
  return nowMs - quietSinceMs >= config.failureWindowHours * HOUR_MS;
}

const REASONS: Partial<Record<Outcome, Reason>> = {
  rate_limited: 'rate_limit',
  billing: 'billing',
  auth: 'auth',
  model_denied: 'model_denied',
};

/** Undefined when only a model is meant and the request names none: what it covers cannot be said. */
function scopeOf(judgement: Judgement, { agentId, profileId, model }: Occurrence): Scope | undefined {
  if (judgement.scope === 'profile') return { agentId, profileId, model: null };
  return model === undefined ? undefined : { agentId, profileId, model };
}

function isClearedBySuccess(state: HealthState, nowMs: number): boolean {
  return state.model !== null || !isClosed(state, nowMs);
}

function clearing({ agentId, profileId, model }: HealthState): HealthChange {
  return { kind: 'clear', scope: { agentId, profileId, model } };
}

/** A closed profile-wide window covers its models; a closed model window does not cover the profile. */
function isInsideWindow(mine: readonly HealthState[], scope: Scope, nowMs: number): boolean {
  return mine.some((state) => (state.model === null || state.model === scope.model) && isClosed(state, nowMs));
}

function failed(
  before: HealthState | undefined,
  reason: Reason,
  scope: Scope,
  judgement: Judgement,
  { causedBy, config }: Occurrence,
  nowMs: number,
): HealthState {
  const goesOn = before !== undefined && before.reason === reason && !isForgotten(before, config, nowMs);
  const rung = goesOn ? before.rung + 1 : 0;
  const failuresInARow = goesOn ? before.failuresInARow + 1 : 1;
  const isRefusedForGood = reason === 'auth' && failuresInARow >= AUTH_FAILURES_TO_DISABLE;
  return {
    agentId: scope.agentId,
    profileId: scope.profileId,
    model: scope.model,
    kind: reason === 'billing' || isRefusedForGood ? 'disabled' : 'cooldown',
    reason,
    outcome: judgement.outcome,
    httpStatus: judgement.httpStatus ?? null,
    errorType: judgement.errorType ?? null,
    requestId: judgement.requestId ?? null,
    causedBy,
    sinceMs: nowMs,
    untilMs: isRefusedForGood ? null : windowEnd(reason, rung, judgement.readyAtMs, config, nowMs),
    rung,
    failuresInARow,
    lastFailureMs: nowMs,
    changedBy: 'gateway',
  };
}

function windowEnd(
  reason: Reason,
  rung: number,
  readyAtMs: number | undefined,
  config: CooldownConfig,
  nowMs: number,
): number {
  if (reason === 'billing') return Math.min(nowMs + billingMs(rung, config), readyAtMs ?? Number.POSITIVE_INFINITY);
  if (reason === 'model_denied') return nowMs + Math.max(MODEL_DENIED_MS, ladderMs(rung, config));
  return readyAtMs ?? nowMs + ladderMs(rung, config);
}

/** 1 min, 5 min, 25 min, 1 h, and 1 h from then on. */
function ladderMs(rung: number, config: CooldownConfig): number {
  return config.ladderMs[Math.min(rung, config.ladderMs.length - 1)]!;
}

/** 5 h, 10 h, 20 h, and 24 h from then on. */
function billingMs(rung: number, config: CooldownConfig): number {
  const hours = config.billingBackoffHours * 2 ** Math.min(rung, 20);
  return Math.round(Math.min(hours, config.billingMaxHours) * HOUR_MS);
}
