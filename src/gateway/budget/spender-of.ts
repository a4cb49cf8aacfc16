import type { Spender } from '../../budgets/scope.ts';
import { normalizeModel } from '../../catalog/models.ts';
import { forwardedModel } from '../admit/may-ask.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { ModelChoice } from '../choose/requested-model.ts';
import type { ServingProfile } from '../choose/roster.ts';

/** Who would spend with this request; `profile` is left out while none is chosen. */
export function spenderOf(
  request: ProxyRequest,
  choice: ModelChoice,
  profile?: Pick<ServingProfile, 'agentId' | 'profileId'>,
): Spender {
  const { token, route, otherModels } = request;
  const { id: provider } = choice.provider;
  const model = forwardedModel(request, choice);
  // A file by itself asks no model; anything else that names none, or none that can be read, may ask any.
  const isUntold = model === undefined && otherModels.length === 0 && route.purpose !== 'files';
  const isAny = isUntold || otherModels.includes('');
  return {
    agentId: token.agentId,
    profileAgentId: profile?.agentId ?? '',
    profileId: profile?.profileId ?? '',
    provider,
    model: model === undefined ? undefined : normalizeModel(provider, model),
    others: isAny ? 'any' : otherModels.map((name) => normalizeModel(provider, name)),
    label: token.label,
  };
}
