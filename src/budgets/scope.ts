import type { BudgetScope } from './budget.ts';

/** One request, as far as a budget cares. */
export interface Spender {
  readonly agentId: string;
  readonly profileAgentId: string;
  readonly profileId: string;
  readonly provider: string;
  /** Canonical; undefined for a request that names none. */
  readonly model: string | undefined;
  /** Further models that may answer (lists of replacements, tools that ask one); `any` where that cannot be told. */
  readonly others?: readonly string[] | 'any';
  /** That its access token carries. */
  readonly label: string | null;
}

/** Whether what this request spends counts in that scope. */
export function covers(scope: BudgetScope, spender: Spender): boolean {
  const { agentId, profileAgentId, profileId, provider, model, label } = scope;
  return (
    (agentId === undefined || agentId === spender.agentId) &&
    (profileId === undefined || (profileId === spender.profileId && profileAgentId === spender.profileAgentId)) &&
    (model === undefined || (provider === spender.provider && mayAnswer(model, spender))) &&
    (label === undefined || label === spender.label)
  );
}

function mayAnswer(model: string, { model: asked, others = [] }: Spender): boolean {
  return model === asked || others === 'any' || others.includes(model);
}
