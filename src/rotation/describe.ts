import { printable } from '../core/text.ts';
import { formatDuration, formatTime } from '../core/time.ts';
import type { Blocked } from './choose.ts';
import { agentOption, providerOf } from './messages.ts';
import type { HealthState, Reason } from './types.ts';
import { candidateIdOf, isClosed } from './window.ts';

/** One entry of `auth.unusableProfiles` in `models status --json`. Times are epoch ms. */
export interface UnusableProfile {
  readonly profileId: string;
  readonly provider: string;
  readonly kind: 'cooldown' | 'disabled';
  readonly reason: Reason;
  readonly model?: string;
  readonly since: number;
  /** Null: only a person or a passed test ends it. */
  readonly until: number | null;
  readonly remainingMs: number | null;
  readonly httpStatus?: number;
  readonly errorType?: string;
  readonly requestId?: string;
  readonly nextStep: string;
}

const REASON_WORDS: Readonly<Record<Reason, string>> = {
  rate_limit: 'rate limited',
  billing: 'out of credit or past a spend limit',
  auth: 'refused by the provider',
  model_denied: 'not allowed to use the model',
  origin_changed: 'stored for another base URL',
  person: 'switched off by a person',
  not_granted: 'not granted',
  grant_rate: 'at the request rate of its grant',
};

/**
 * The states whose window is closed now, as `models status --json` lists them: soonest first, then by id and model.
 * `agentId` is who looks: profiles of others have their owner in front.
 */
export function unusableProfiles(states: readonly HealthState[], nowMs: number, agentId?: string): UnusableProfile[] {
  return states
    .filter((state) => isClosed(state, nowMs))
    .map((state) => toUnusable(state, nowMs, agentId))
    .sort((a, b) => compare(a.until ?? Number.MAX_VALUE, b.until ?? Number.MAX_VALUE) || compare(nameOf(a), nameOf(b)));
}

export function toUnusable(state: HealthState, nowMs: number, agentId = state.agentId): UnusableProfile {
  return {
    profileId: candidateIdOf(state, agentId),
    provider: providerOf(state.profileId),
    kind: state.kind,
    reason: state.reason,
    ...(state.model === null ? {} : { model: state.model }),
    since: state.sinceMs,
    until: state.untilMs,
    remainingMs: state.untilMs === null ? null : Math.max(0, state.untilMs - nowMs),
    ...(state.httpStatus === null ? {} : { httpStatus: state.httpStatus }),
    ...(state.errorType === null ? {} : { errorType: state.errorType }),
    ...(state.requestId === null ? {} : { requestId: state.requestId }),
    nextStep: nextStep(state, nowMs),
  };
}

/** The sentence of `models auth why`: which profile, what it is, which answer caused it, since when, until when, by whom. */
export function describeState(state: HealthState, nowMs: number): string {
  const covered = state.model === null ? '' : ` for ${printable(state.model)}`;
  const who = state.changedBy === 'gateway' ? '' : ` Last changed by: ${state.changedBy}.`;
  return `${state.profileId} (agent "${state.agentId}") ${phase(state, nowMs)}${covered}: ${REASON_WORDS[state.reason]}. ${cause(state)}${ending(state, nowMs)}${who}`;
}

/** What happens next, or what a person types to make it happen. */
export function nextStep(state: HealthState, nowMs: number): string {
  const command = nextCommand(state);
  if (state.reason === 'person') return `Switch it on again with: ${command}`;
  if (state.reason === 'not_granted') return `Widen its grant: ${command}`;
  if (state.reason === 'grant_rate') return `By itself as the minute goes by, or widen its grant: ${command}`;
  if (state.reason === 'origin_changed') return `Enter the credential again for the new base URL: ${command}`;
  if (state.reason === 'billing') return `Add credit or raise the limit at the provider, then: ${command}`;
  if (state.untilMs === null) return `Replace the credential (${command}), or if it is good: ${testAgain(state)}`;
  return isClosed(state, nowMs)
    ? `By itself: one request tries it at ${formatTime(state.untilMs)}; at once with: ${command}`
    : 'By itself: the next request tries it.';
}

/** The one command that ends the state, once what it needs has been done elsewhere. */
export function nextCommand(state: HealthState): string {
  if (state.reason === 'not_granted' || state.reason === 'grant_rate') return grantAgain(state);
  if (state.reason === 'origin_changed') return pasteAgain(state);
  if (state.reason === 'billing') return testAgain(state);
  if (state.reason !== 'person' && state.untilMs === null) return pasteAgain(state);
  return `moltbot models auth reset ${state.profileId}${agentOption(state.agentId)}`;
}

/** One profile of "No available auth profile": name, reason, ready when. */
export function whyBlocked({ profileId, state, readyAtMs }: Blocked, nowMs: number): string {
  const covered = state.model === null ? '' : ` for ${printable(state.model)}`;
  const status = state.httpStatus === null ? '' : ` (HTTP ${state.httpStatus})`;
  if (state.reason === 'not_granted') return `${profileId} ${REASON_WORDS.not_granted}${covered}`;
  const ready =
    readyAtMs === undefined
      ? 'until it is tested or replaced'
      : `ready in ${formatDuration(readyAtMs - nowMs)} (${formatTime(readyAtMs)})`;
  return `${profileId} ${REASON_WORDS[state.reason]}${covered}${status}, ${ready}`;
}

function phase(state: HealthState, nowMs: number): string {
  if (!isClosed(state, nowMs)) return 'may be tried again';
  return state.kind === 'disabled' ? 'is disabled' : 'is cooling down';
}

function cause(state: HealthState): string {
  const asked = state.causedBy === null ? '' : ` to a request of agent "${state.causedBy}"`;
  if (state.reason === 'not_granted') return '';
  if (state.httpStatus === null) return `Since ${formatTime(state.sinceMs)}. `;
  const type = state.errorType === null ? '' : ` ${state.errorType}`;
  const id = state.requestId === null ? '' : ` (request ${state.requestId})`;
  return `The provider answered ${state.httpStatus}${type}${id}${asked} at ${formatTime(state.sinceMs)}. `;
}

function ending(state: HealthState, nowMs: number): string {
  if (state.reason === 'not_granted') return 'It stays so until its owner widens the grant.';
  if (state.untilMs === null)
    return 'It stays so until a test passes, the credential is replaced or a person resets it.';
  if (!isClosed(state, nowMs))
    return `Its window ended at ${formatTime(state.untilMs)}; one request tries it before others do.`;
  return `Ready in ${formatDuration(state.untilMs - nowMs)}, at ${formatTime(state.untilMs)}.`;
}

function testAgain(state: HealthState): string {
  return `moltbot models auth test ${state.profileId}${agentOption(state.agentId)}`;
}

function pasteAgain(state: HealthState): string {
  return `moltbot onboard --profile-id ${state.profileId}${agentOption(state.agentId)}`;
}

function grantAgain({ agentId, profileId, causedBy }: HealthState): string {
  return `moltbot models auth grant ${profileId}${agentOption(agentId)} --to ${causedBy}`;
}

function nameOf(profile: UnusableProfile): string {
  return `${profile.profileId} ${profile.model ?? ''}`;
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
