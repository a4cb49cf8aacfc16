import { SECOND_MS } from '../core/time.ts';
import type { Candidate, HealthState } from './types.ts';
import { candidateIdOf, covers, isClosed, scopeKey } from './window.ts';

/** Somebody else's probe ends at any moment: look again then. */
const PROBE_LOOK_AGAIN_MS = SECOND_MS;

export interface ChoiceContext {
  readonly agentId: string;
  /** The model that will be asked upstream; undefined when the request names none. */
  readonly model: string | undefined;
  readonly isClaudeCode: boolean;
  /** Exactly these profiles in this order. */
  readonly order?: readonly string[] | undefined;
  /** That profile or none. */
  readonly pin?: string | undefined;
  /** The profile this session was served by. */
  readonly stickyProfileId?: string | undefined;
  /** `auth.paidFallback`: whether to go on from a subscription to a paid key. Default true. */
  readonly paidFallback?: boolean | undefined;
  /** Half-open slots in use, by `scopeKey`. */
  readonly probing: ReadonlySet<string>;
  /** Candidates already tried for this request, by id. */
  readonly tried: ReadonlySet<string>;
}

/** A candidate that may not be used now, and the state that says so. */
export interface Blocked {
  readonly profileId: string;
  readonly state: HealthState;
  /** Undefined: only a person or a passed test ends it. */
  readonly readyAtMs: number | undefined;
}

export type Choice =
  | {
      readonly kind: 'use';
      readonly profileId: string;
      /** Slots to hold (by `scopeKey`) from now until upstream's status line; empty when nothing is half-open. */
      readonly probes: readonly string[];
      /** A subscription profile before this one cannot serve: the request goes on to a paid key. */
      readonly leavesSubscription: boolean;
    }
  | {
      readonly kind: 'blocked';
      readonly soonestAtMs: number | undefined;
      /** Soonest first. Empty: every candidate was tried for this request and no window is closed. */
      readonly blocked: readonly Blocked[];
    }
  | {
      /** No candidate at all. */
      readonly kind: 'none';
      /** Tokens past their expiry that would have been candidates. */
      readonly expired: readonly string[];
    };

type Readiness =
  | { readonly usable: true; readonly probes: readonly string[] }
  | { readonly usable: false; readonly blocked: Blocked };

/**
 * Chooses the profile for one request: the session's own if it is usable, else the first usable in order. `states` may
 * hold those of every agent and profile; `candidates` are the agent's own and granted profiles of one provider.
 */
export function choose(
  candidates: readonly Candidate[],
  states: readonly HealthState[],
  context: ChoiceContext,
  nowMs: number,
): Choice {
  const eligible = inOrder(candidates, context);
  const able = withinSubscription(eligible, context).filter((candidate) => !isExpired(candidate, nowMs));
  if (able.length === 0) return { kind: 'none', expired: eligible.filter((c) => isExpired(c, nowMs)).map((c) => c.id) };
  const readiness = new Map(able.map((candidate) => [candidate.id, readinessOf(candidate, states, context, nowMs)]));
  const chosen = stickyFirst(able, context).find((c) => !context.tried.has(c.id) && readiness.get(c.id)!.usable);
  if (!chosen) return blockedChoice([...readiness.values()]);
  const ready = readiness.get(chosen.id)!;
  return {
    kind: 'use',
    profileId: chosen.id,
    probes: ready.usable ? ready.probes : [],
    leavesSubscription: chosen.type === 'api_key' && hasTokenBefore(eligible, chosen),
  };
}

/** The candidates this client may use, in the order they are to be tried. */
function inOrder(candidates: readonly Candidate[], context: ChoiceContext): Candidate[] {
  const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  // A person's pin or order is the permission to use a subscription token for other clients too.
  const named = context.pin !== undefined ? [context.pin] : context.order;
  if (named) return [...new Set(named)].map((id) => byId.get(id)).filter((candidate) => candidate !== undefined);
  return [...byId.values()].filter((c) => c.type !== 'token' || context.isClaudeCode).sort(byDefaultOrder);
}

function byDefaultOrder(a: Candidate, b: Candidate): number {
  if (a.type !== b.type) return a.type === 'token' ? -1 : 1;
  const [aUsed, bUsed] = [a.lastUsedAtMs ?? -1, b.lastUsedAtMs ?? -1];
  if (aUsed !== bUsed) return aUsed - bUsed;
  return a.id < b.id ? -1 : 1;
}

/** Without `paidFallback` nothing paid stands behind a subscription, not even behind an expired one. */
function withinSubscription(eligible: readonly Candidate[], context: ChoiceContext): readonly Candidate[] {
  if (context.paidFallback !== false) return eligible;
  return eligible.filter((candidate) => candidate.type === 'token' || !hasTokenBefore(eligible, candidate));
}

function hasTokenBefore(eligible: readonly Candidate[], candidate: Candidate): boolean {
  return eligible.slice(0, eligible.indexOf(candidate)).some((other) => other.type === 'token');
}

function isExpired(candidate: Candidate, nowMs: number): boolean {
  return candidate.type === 'token' && candidate.expiresAtMs !== undefined && candidate.expiresAtMs <= nowMs;
}

function stickyFirst(able: readonly Candidate[], context: ChoiceContext): readonly Candidate[] {
  const sticky = able.find((candidate) => candidate.id === context.stickyProfileId);
  return sticky ? [sticky, ...able.filter((candidate) => candidate !== sticky)] : able;
}

/** A candidate is usable when no state that covers it is closed and every half-open one has its slot free. */
function readinessOf(
  candidate: Candidate,
  states: readonly HealthState[],
  context: ChoiceContext,
  nowMs: number,
): Readiness {
  const mine = states.filter(
    (state) => candidateIdOf(state, context.agentId) === candidate.id && covers(state, context.model),
  );
  const blocking = mine.filter((state) => isClosed(state, nowMs) || context.probing.has(scopeKey(state)));
  if (blocking.length === 0) return { usable: true, probes: mine.map(scopeKey) };
  const [state, readyAtMs] = blocking
    .map((each) => [each, readyAt(each, nowMs)] as const)
    .reduce((latest, each) => (isLater(each[1], latest[1]) ? each : latest));
  return { usable: false, blocked: { profileId: candidate.id, state, readyAtMs } };
}

function readyAt(state: HealthState, nowMs: number): number | undefined {
  return isClosed(state, nowMs) ? (state.untilMs ?? undefined) : nowMs + PROBE_LOOK_AGAIN_MS;
}

function isLater(a: number | undefined, b: number | undefined): boolean {
  return (a ?? Number.POSITIVE_INFINITY) > (b ?? Number.POSITIVE_INFINITY);
}

/** Soonest first; equal ones stay in order. */
function blockedChoice(readiness: readonly Readiness[]): Choice {
  const blocked = readiness
    .filter((each) => !each.usable)
    .map((each) => each.blocked)
    .sort((a, b) => Number(isLater(a.readyAtMs, b.readyAtMs)) - Number(isLater(b.readyAtMs, a.readyAtMs)));
  return { kind: 'blocked', soonestAtMs: blocked[0]?.readyAtMs, blocked };
}
