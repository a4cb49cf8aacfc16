import type { BudgetState } from '../budgets/budget-state.ts';
import { covers, type Spender } from '../budgets/scope.ts';
import type { ModelRef } from '../config/model-ref.ts';
import { parseServingId } from '../core/ids.ts';
import { nextChoice } from './provider-status.ts';
import type { StatusFacts } from './status-facts.ts';

/**
 * A used-up budget that stops the agent's next request to its default model, if one does: one that covers it whatever
 * profile serves, else one of profiles where each that could serve is under such a one.
 */
export function usedUpBudget(facts: StatusFacts): BudgetState | undefined {
  const { budgets, agentId, models } = facts;
  const expected = { agentId, model: models.primary };
  const general = usedUpFor(budgets, expected);
  if (general) return general;
  const tried = new Set<string>();
  let last: BudgetState | undefined;
  for (;;) {
    const id = nextProfile(facts, tried);
    if (id === undefined) return last;
    const { ownerAgentId = agentId, profileId } = parseServingId(id);
    const usedUp = usedUpFor(budgets, { ...expected, profileAgentId: ownerAgentId, profileId });
    if (!usedUp) return undefined;
    last = usedUp;
    tried.add(id);
  }
}

export type Expected = Pick<Spender, 'agentId'> &
  Partial<Pick<Spender, 'profileAgentId' | 'profileId'>> & { readonly model: ModelRef | undefined };

/**
 * The one among these that does: of several the one that lasts longest. Which labels tokens carry is not known here, so
 * a budget for a label stops nobody as a whole; nor does one for a profile where none is named.
 */
export function usedUpFor(budgets: readonly BudgetState[], expected: Expected): BudgetState | undefined {
  const { agentId, model: ref, profileAgentId = '', profileId = '' } = expected;
  const { provider = '', model } = ref ?? {};
  const spender = { agentId, profileAgentId, profileId, provider, model, label: null };
  const stopping = budgets.filter(({ isUsedUp, budget }) => isUsedUp && covers(budget.scope, spender));
  return stopping.toSorted((a, b) => endOf(b) - endOf(a))[0];
}

function endOf({ window }: BudgetState): number {
  return window.endMs ?? Number.MAX_SAFE_INTEGER;
}

/** Which profile would serve it after these, by the rules the gateway itself goes by. */
function nextProfile(facts: StatusFacts, tried: ReadonlySet<string>): string | undefined {
  const id = facts.models.primary?.provider ?? facts.inUse[0];
  const found = facts.rosters.find(({ provider }) => provider.id === id);
  const choice = found && nextChoice(facts, found.provider, found.roster, tried);
  return choice?.kind === 'use' ? choice.profileId : undefined;
}
