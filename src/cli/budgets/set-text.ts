import type { Policy } from '../../agents/policy.ts';
import type { Stores } from '../../app.ts';
import { amountText } from '../../budgets/amount-text.ts';
import { resetText } from '../../budgets/reset-text.ts';
import type { BudgetOutlook } from '../../status/budget-status.ts';
import { capText, largestText, scopeText, spentText } from './budget-text.ts';

/** With fewer at once a hard budget stops work that would fit. */
const FEWEST_AT_ONCE = 3;
/** What these ask for is priced after the gateway has let it go, so a hard budget needs them named. */
const UNMETERED = ['batches', 'files'] as const;

/** What the cap is, when it begins anew, and what of it is spent. */
export function budgetSentence(budget: BudgetOutlook): string {
  const { name, scope, per, window, timeZone } = budget;
  return [
    `Budget "${name}": at most ${capText(budget)} for ${scopeText(scope)}. ${kindText(budget)}`,
    `${resetText(per, window.endsAt, timeZone)} Spent in this window: ${spentText(budget)}.`,
  ].join('\n');
}

function kindText({ enforcement, unit, overshoot }: BudgetOutlook): string {
  if (enforcement === 'hard') return 'It is hard: never passed.';
  const most = overshoot === null ? '' : `, by up to ${amountText(unit, overshoot)}`;
  return overshoot === 0 ? 'It is soft.' : `It is soft: requests that run when it is reached may pass it${most}.`;
}

/** What else a person should know of a cap they set. */
export function budgetNotes(budget: BudgetOutlook, stores: Stores | undefined): string[] {
  if (budget.enforcement === 'soft') return [];
  return [...reservationNotes(budget), ...routeNotes(budget, stores)];
}

function reservationNotes(budget: BudgetOutlook): string[] {
  const { unit, amount, largestRequest, scope } = budget;
  if (unit === 'requests') return [];
  if (!largestRequest) return ['What its requests may take is not known yet: no default model with a price is set.'];
  // Those of a subscription.
  if (largestRequest.amount === 0) return ['Its requests cost nothing more, so any number fits at once.'];
  const atOnce = Math.floor(amount / largestRequest.amount);
  const fits = atOnce === 1 ? '1 such request fits' : `${atOnce} such requests fit`;
  const note = `The largest reservation in use is ${largestText(budget)}: ${fits} at once.`;
  if (atOnce >= FEWEST_AT_ONCE) return [note];
  const path = `agents.defaults.models["${largestRequest.model}"].params.maxOutputTokens`;
  return [
    note,
    `Warning: under ${FEWEST_AT_ONCE} at once, requests wait for one another${atOnce === 0 ? ' or are refused' : ''}. Raise the cap, make it --soft, or let answers be shorter${scope.agent === undefined ? '' : ' (for all agents)'}: moltbot config set '${path}' 16000`,
  ];
}

function routeNotes({ scope }: BudgetOutlook, stores: Stores | undefined): string[] {
  const agentId = scope.agent;
  const policy = agentId === undefined ? undefined : stores?.agents.get(agentId)?.policy;
  const missing = UNMETERED.filter((route) => !policy?.routes?.includes(route));
  if (missing.length === 0) return [];
  const whose = agentId === undefined ? 'the policy of its agent names' : `the policy of agent "${agentId}" names`;
  const how = agentId === undefined ? '' : `: moltbot agents set ${agentId} --routes ${routes(policy)}`;
  return [`Under a hard budget ${missing.join(' and ')} are refused unless ${whose} them${how}`];
}

/** All that the policy allows now, and those. */
function routes(policy: Policy | undefined): string {
  const now = policy?.routes ?? ['generate', 'count', 'models', 'embeddings', 'responses'];
  return [...new Set([...now, ...UNMETERED])].join(',');
}
