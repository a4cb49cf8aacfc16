import { normalizeModel } from '../../catalog/models.ts';
import { MoltbotError } from '../../core/errors.ts';
import type { RoutePurpose } from '../../providers/provider.ts';
import { forwardedModel, startsWork } from '../admit/may-ask.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { ModelChoice } from '../choose/requested-model.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { BudgetAccount } from './budget-account.ts';
import { budgetRefusal } from './budget-refusal.ts';
import { hardBudget } from './budget-title.ts';

const FREE: readonly RoutePurpose[] = ['count', 'models'];

/**
 * What budgets say before a profile is chosen: whether one is used up, and whether a hard one covers work whose cost is
 * known only later (batches, files, background answers, routes the gateway does not know): that needs its route named
 * in the policy of the agent. Undefined: the request may go on.
 */
export function budgetStop(
  gateway: GatewayParts,
  request: ProxyRequest,
  choice: ModelChoice,
): MoltbotError | undefined {
  const { route, token, agentId } = request;
  if (FREE.includes(route.purpose) || !startsWork(request) || !gateway.budgets.hasAny(token)) return undefined;
  const model = forwardedModel(request, choice);
  const spender = {
    agentId,
    profileAgentId: '',
    profileId: '',
    provider: choice.provider.id,
    model: model === undefined ? undefined : normalizeModel(choice.provider.id, model),
    label: token.label,
  };
  const accounts = gateway.budgets.covering(spender, token);
  const usedUp = accounts.find(({ spent, amount }) => spent >= amount);
  if (usedUp) return budgetRefusal({ kind: 'used_up', account: usedUp }, undefined, gateway.config().timeZone);
  const hard = accounts.find(({ isHard }) => isHard);
  return hard && laterCost(gateway, request, hard);
}

function laterCost(gateway: GatewayParts, request: ProxyRequest, { budget }: BudgetAccount): MoltbotError | undefined {
  const { route, facts, token } = request;
  const isKnown = (route.purpose === 'generate' || route.purpose === 'embeddings') && !facts.background;
  if (isKnown) return undefined;
  const needed = facts.background ? 'batches' : route.purpose;
  const { agent } = gateway.standings.of(token);
  if (agent.policy.routes?.includes(needed)) return undefined;
  return new MoltbotError(
    'ROUTE_NOT_ALLOWED',
    `What "${needed}" may cost cannot be held in ${hardBudget(budget)}, so it must be named in the policy of agent "${agent.id}".`,
    { hint: 'Ask the person who runs this gateway.', gate: 'budget' },
  );
}
