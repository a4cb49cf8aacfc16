import { refusalOf } from '../../agents/decide.ts';
import { normalizeModel } from '../../catalog/models.ts';
import type { MoltbotError } from '../../core/errors.ts';
import type { ModelChoice } from '../choose/requested-model.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { ProxyRequest } from './proxy-request.ts';

type Asked = Pick<ProxyRequest, 'token' | 'route' | 'method' | 'facts' | 'otherModels'>;

/** Why this request may not go to that model; undefined: it may. Asked of the first model and of every fallback. */
export function refusalToAsk(
  { standings, now }: Pick<GatewayParts, 'standings' | 'now'>,
  request: Asked,
  choice: ModelChoice,
): MoltbotError | undefined {
  const first = forwardedModel(request, choice);
  const wish = {
    providerId: choice.provider.id,
    purpose: request.route.purpose,
    models: first === undefined ? request.otherModels : [first, ...request.otherModels],
    startsWork: startsWork(request),
  };
  return refusalOf(standings.of(request.token), wish, now());
}

/**
 * The model as the provider will read it: what is decided about is what is forwarded. Where nothing can be written into
 * the body (it is compressed, or the route is passed on as it is), that is the client's own word.
 */
export function forwardedModel(
  { route, facts }: Pick<Asked, 'route' | 'facts'>,
  choice: ModelChoice,
): string | undefined {
  const isWritten = route.format !== undefined && facts.control !== undefined;
  if (isWritten || facts.model === undefined) return choice.healthModel;
  return normalizeModel(choice.provider.id, facts.model);
}

/** Counts of tokens and lists of models: clients send bursts of these, and they cost nothing. */
export function isFree({ route }: Pick<Asked, 'route'>): boolean {
  return route.purpose === 'count' || route.purpose === 'models';
}

/** Whether the request can set a model to work: a list, a download, a cancellation cannot. */
export function startsWork({ route, method }: Pick<Asked, 'route' | 'method'>): boolean {
  return method === 'POST' && !route.path.endsWith('/cancel');
}
