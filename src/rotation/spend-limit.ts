import { formatTime } from '../core/time.ts';
import { nextTestAtMs, type Retest, retestOf, unpaid } from './billing-tests.ts';
import type { Choice } from './choose.ts';
import { decidingReason } from './nothing-usable.ts';
import type { HealthState } from './types.ts';
import { candidateIdOf } from './window.ts';

/** What scripts match, wherever such a pause is shown. */
export const PROVIDER_SPEND_LIMIT = 'provider_spend_limit';

/** A provider's own spend limit, or empty credit, leaves an agent no profile there. Worked out, never stored. */
export interface SpendLimit {
  readonly provider: string;
  /** From then on no profile was left. */
  readonly sinceMs: number;
  /** When a request tries the first of them without a passed test; null: never. */
  readonly untilMs: number | null;
  /** When a running gateway tests the first of them. */
  readonly nextTestAtMs: number;
  /** The provider's newest answer; null where it said nothing. */
  readonly lastAnswer: {
    readonly atMs: number;
    readonly httpStatus: number | null;
    readonly errorType: string | null;
  };
  /** The profiles that are out of credit, as the agent names them. */
  readonly profileIds: readonly string[];
}

/**
 * Whether an agent is paused by a provider's own spend limit: `choice` is what its next request there gets. Paused is
 * when nothing is usable and the answer is the one about credit; while a profile is only cooling down it is not.
 */
export function spendLimitIn(
  { agentId, provider }: { readonly agentId: string; readonly provider: string },
  choice: Choice,
  retests: readonly Retest[],
): SpendLimit | undefined {
  if (choice.kind !== 'blocked' || decidingReason(choice.blocked) !== 'billing') return undefined;
  const states = unpaid(choice.blocked);
  return {
    provider,
    sinceMs: Math.max(...choice.blocked.map(({ state }) => state.sinceMs)),
    untilMs: choice.soonestAtMs ?? null,
    nextTestAtMs: Math.min(...states.map((state) => nextTestAtMs(state, retests))),
    lastAnswer: states.map((state) => lastAnswer(state, retestOf(state, retests))).reduce(newer),
    profileIds: states.map((state) => candidateIdOf(state, agentId)),
  };
}

/** Why an agent is paused, the same wherever it is read. */
export function spendLimitSentence({ provider, lastAnswer }: SpendLimit): string {
  const { atMs, httpStatus, errorType } = lastAnswer;
  const answer = httpStatus === null ? 'nothing' : [httpStatus, errorType].filter((part) => part !== null).join(' ');
  return `No profile of ${provider} is left: its spend limit is reached or its credit is used up. The provider last answered ${answer}, at ${formatTime(atMs)}.`;
}

type Answer = SpendLimit['lastAnswer'];

function lastAnswer(state: HealthState, retest: Retest | undefined): Answer {
  if (retest && retest.testedAtMs !== null && retest.httpStatus !== null) {
    return { atMs: retest.testedAtMs, httpStatus: retest.httpStatus, errorType: retest.errorType };
  }
  return { atMs: state.sinceMs, httpStatus: state.httpStatus, errorType: state.errorType };
}

function newer(a: Answer, b: Answer): Answer {
  return b.atMs > a.atMs ? b : a;
}
