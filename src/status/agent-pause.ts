import type { Pause } from '../agents/pause-store.ts';
import type { BudgetState } from '../budgets/budget-state.ts';
import { raiseCommand } from '../budgets/raise-command.ts';
import type { Config } from '../config/schema.ts';
import { PROVIDER_SPEND_LIMIT, type SpendLimit, spendLimitIn, spendLimitSentence } from '../rotation/spend-limit.ts';
import { usedUpText } from './budget-gate.ts';
import { nextChoice } from './provider-status.ts';
import type { StatusFacts } from './status-facts.ts';
import { usedUpBudget } from './used-up-budget.ts';

/** Why an agent is paused, as every list and status shows it. Times are epoch ms. */
export type AgentPause =
  /** Its own pause or one of everything; a person ends it. */
  | { readonly cause: 'person'; readonly reason: string; readonly since: number; readonly by: string }
  | BudgetPause
  | SpendLimitPause;

/** A budget of its next request is used up; it ends with the window or when the amount is raised. */
export interface BudgetPause {
  readonly cause: 'budget';
  /** Which budget, how much of how much, when it resets. */
  readonly reason: string;
  /** Null: no gateway has noticed yet. */
  readonly since: number | null;
  readonly by: 'gateway';
  readonly budget: string;
  /** When it may go on by itself; null: never. */
  readonly until: number | null;
  /** What lets it go on at once. */
  readonly command: string;
}

/** No profile of a provider in use is left; it ends by itself when one passes its test. */
export interface SpendLimitPause {
  readonly cause: typeof PROVIDER_SPEND_LIMIT;
  readonly reason: string;
  readonly since: number;
  readonly by: 'gateway';
  readonly provider: string;
  /** When a request tries a profile again without a test. */
  readonly until: number | null;
  /** Null: no gateway runs that would test. */
  readonly nextTestAt: number | null;
  readonly lastAnswer: { readonly at: number; readonly httpStatus: number | null; readonly errorType: string | null };
  /** Those that are out of credit, as the agent names them. */
  readonly profiles: readonly string[];
}

/** A person's pause before any other: it does not end by itself. Null: it is not paused. */
export function pauseOf(facts: StatusFacts): AgentPause | null {
  return (
    personsPause(facts.standing?.pause) ??
    budgetPause(usedUpBudget(facts), facts.loaded.config) ??
    spendLimitPauses(facts)[0] ??
    null
  );
}

export function personsPause(pause: Pause | undefined): AgentPause | null {
  return pause ? { cause: 'person', reason: pause.reason, since: pause.sinceMs, by: pause.by } : null;
}

/** `usedUp`: the budget that stops the agent's next request. */
export function budgetPause(usedUp: BudgetState | undefined, { timeZone }: Config): BudgetPause | null {
  if (!usedUp) return null;
  const { budget, window, usedUpSinceMs } = usedUp;
  return {
    cause: 'budget',
    reason: usedUpText(usedUp, timeZone),
    since: usedUpSinceMs,
    by: 'gateway',
    budget: budget.name,
    until: window.endMs,
    command: raiseCommand(budget),
  };
}

/** One for each provider in use that has nothing left but profiles past a limit of its own. */
export function spendLimitPauses(facts: StatusFacts): SpendLimitPause[] {
  return facts.inUse.flatMap((id) => {
    const known = facts.rosters.find(({ provider }) => provider.id === id);
    const choice = known && nextChoice(facts, known.provider, known.roster);
    const limit = choice && spendLimitIn({ agentId: facts.agentId, provider: id }, choice, facts.retests);
    return limit ? [pauseByLimit(limit, facts.gateway !== undefined, facts.nowMs)] : [];
  });
}

/** `isTested`: whether a gateway runs that tests it. */
export function pauseByLimit(limit: SpendLimit, isTested: boolean, nowMs: number): SpendLimitPause {
  const { provider, sinceMs, untilMs, nextTestAtMs, lastAnswer, profileIds } = limit;
  const { atMs, httpStatus, errorType } = lastAnswer;
  return {
    cause: PROVIDER_SPEND_LIMIT,
    reason: spendLimitSentence(limit),
    since: sinceMs,
    by: 'gateway',
    provider,
    until: untilMs,
    nextTestAt: isTested ? Math.max(nextTestAtMs, nowMs) : null,
    lastAnswer: { at: atMs, httpStatus, errorType },
    profiles: profileIds,
  };
}
