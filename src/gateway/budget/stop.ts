import { isUsedUp } from '../../budgets/verdict.ts';
import { MoltbotError } from '../../core/errors.ts';
import { isFree, startsWork } from '../admit/may-ask.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { ModelChoice } from '../choose/requested-model.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { BudgetAccount } from './budget-account.ts';
import { budgetRefusal } from './budget-refusal.ts';
import { hardBudget } from './budget-title.ts';
import { spenderOf } from './spender-of.ts';

/** Why a request may not go on, and the budget that says so. */
export interface BudgetStop {
  readonly account: BudgetAccount;
  readonly error: MoltbotError;
}

/** What budgets say before a profile is chosen, as `stopBy`. Undefined: the request may go on. */
export function budgetStop(
  gateway: GatewayParts,
  request: ProxyRequest,
  choice: ModelChoice,
): MoltbotError | undefined {
  const { budgets } = gateway;
  if (!budgets.hasAny(request.token)) return undefined;
  return stopBy(gateway, request, budgets.covering(spenderOf(request, choice), request.token))?.error;
}

/**
 * Whether one of these budgets is used up, and whether a hard one covers work whose cost is known only later (batches,
 * files, background answers, routes the gateway does not know): that needs its route named in the policy of the agent.
 */
export function stopBy(
  gateway: GatewayParts,
  request: ProxyRequest,
  accounts: readonly BudgetAccount[],
): BudgetStop | undefined {
  if (isFree(request) || !startsWork(request)) return undefined;
  const usedUp = accounts.find(isUsedUp);
  if (usedUp) {
    const answer = { kind: 'used_up', account: usedUp } as const;
    return { account: usedUp, error: budgetRefusal(answer, undefined, gateway.config().timeZone) };
  }
  const hard = accounts.find(({ isHard }) => isHard);
  const error = hard && laterCost(gateway, request, hard);
  return error && { account: hard, error };
}

/** Lists, counts and what only fetches or stores take nothing of a budget. */
export function isCharged({ route }: Pick<ProxyRequest, 'route'>): boolean {
  return route.purpose === 'generate' || route.purpose === 'embeddings';
}

/** Undefined: what it costs is known when it has been answered. */
function laterCost(gateway: GatewayParts, request: ProxyRequest, { budget }: BudgetAccount): MoltbotError | undefined {
  const { route, facts, token } = request;
  if (isCharged(request) && !facts.background) return undefined;
  const needed = facts.background ? 'batches' : route.purpose;
  const { agent } = gateway.standings.of(token);
  if (agent.policy.routes?.includes(needed)) return undefined;
  return new MoltbotError(
    'ROUTE_NOT_ALLOWED',
    `What "${needed}" may cost cannot be held in ${hardBudget(budget)}, so it must be named in the policy of agent "${agent.id}".`,
    { hint: 'Ask the person who runs this gateway.', gate: 'budget' },
  );
}
