import type { BudgetState } from '../budgets/budget-state.ts';
import { covers, type Spender } from '../budgets/scope.ts';
import type { ModelRef } from '../config/model-ref.ts';
import { parseServingId } from '../core/ids.ts';
import { nextChoice } from './provider-status.ts';
import type { StatusFacts } from './status-facts.ts';

/** A used-up budget that stops the agent's next request to its default model, if one does. */
export function usedUpBudget(facts: StatusFacts): BudgetState | undefined {
  return usedUpFor(facts.budgets, { agentId: facts.agentId, model: facts.models.primary, ...nextProfile(facts) });
}

export type Expected = Pick<Spender, 'agentId'> &
  Partial<Pick<Spender, 'profileAgentId' | 'profileId'>> & { readonly model: ModelRef | undefined };

/**
 * The one among these that does: of several the one that lasts longest. What tokens carry labels is not known here, so
 * a budget for a label stops nobody as a whole; nor does one for a profile where the next one is not known.
 */
export function usedUpFor(budgets: readonly BudgetState[], expected: Expected): BudgetState | undefined {
  const { agentId, model, profileAgentId = '', profileId = '' } = expected;
  const spender = { agentId, profileAgentId, profileId, provider: '', label: null, ...model, model: model?.model };
  const stopping = budgets.filter(({ isUsedUp, budget }) => isUsedUp && covers(budget.scope, spender));
  return stopping.reduce<BudgetState | undefined>(
    (last, each) => (last && endOf(last) >= endOf(each) ? last : each),
    undefined,
  );
}

function endOf({ window }: BudgetState): number {
  return window.endMs ?? Number.POSITIVE_INFINITY;
}

/** Which profile would serve it: by the rules the gateway itself goes by. */
function nextProfile(facts: StatusFacts): Pick<Spender, 'profileAgentId' | 'profileId'> | undefined {
  const id = facts.models.primary?.provider ?? facts.inUse[0];
  const found = facts.rosters.find(({ provider }) => provider.id === id);
  const choice = found && nextChoice(facts, found.provider, found.roster);
  if (choice?.kind !== 'use') return undefined;
  const { ownerAgentId = facts.agentId, profileId } = parseServingId(choice.profileId);
  return { profileAgentId: ownerAgentId, profileId };
}
