import { MoltbotError } from '../../core/errors.ts';
import { budgetStop } from '../budget/stop.ts';
import type { ModelChoice } from '../choose/requested-model.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { limitsOn } from './limits.ts';
import { isFree, refusalToAsk } from './may-ask.ts';
import type { ProxyRequest } from './proxy-request.ts';

/**
 * The last step before a profile is chosen: the model is allowed, no budget is used up, the limits have room, a counted
 * token gives one of its uses. What comes back ends the request's part in the limits and must be called once. Throws
 * MODEL_NOT_ALLOWED and its kin, what `budgetStop` gives, LIMIT_REACHED, TOKEN_USED_UP.
 */
export function admit(gateway: GatewayParts, request: ProxyRequest, choice: ModelChoice): () => void {
  const { token } = request;
  const refusal = refusalToAsk(gateway, request, choice);
  if (refusal) throw refusal;
  const stop = budgetStop(gateway, request, choice);
  if (stop) throw stop;
  const limits = isFree(request) ? [] : limitsOn(gateway.standings.of(token));
  const nowMs = gateway.now();
  const reached = gateway.limits.reached(limits, nowMs);
  if (reached) throw reached;
  // Nothing else runs between these lines: whoever gets a use gets its place, too.
  if (token.usesLeft !== null && !gateway.authenticator.takeUse(token.accessor)) throw usedUp();
  return gateway.limits.enter(limits, nowMs);
}

function usedUp(): MoltbotError {
  return new MoltbotError('TOKEN_USED_UP', 'This moltbot access token has no uses left.', {
    hint: 'Ask the person who runs this gateway for a new one.',
    gate: 'limit',
  });
}
