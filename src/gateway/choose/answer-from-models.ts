import { isMoltbotError } from '../../core/errors.ts';
import { mayFallBack, type RetryAdvice, retryAdvice } from '../../rotation/nothing-usable.ts';
import { refusalToAsk } from '../admit/may-ask.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { JudgedAnswer } from '../forward/attempt.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { nothingUsable } from './nothing-usable-answer.ts';
import type { ModelChoice, RequestedModel } from './requested-model.ts';
import { type Blocked, type Tried, tryProfiles } from './try-profiles.ts';
import { waitUntil } from './wait-until.ts';

/** The answer that goes to the client, and how it came about. */
export interface Served {
  readonly judged: JudgedAnswer;
  readonly model: ModelChoice;
  readonly isFallback: boolean;
  readonly leftSubscription: boolean;
  /** For a 429 that is passed on: what clients are told about waiting, in place of the provider's own. */
  readonly retryAdvice: RetryAdvice | undefined;
}

/**
 * Asks the requested model, then its fallbacks, then waits when a profile is ready soon, until there is an answer.
 * Undefined: the client left. Throws what no answer at all means.
 */
export async function answerFromModels(
  gateway: GatewayParts,
  request: ProxyRequest,
  model: RequestedModel,
): Promise<Served | undefined> {
  const patienceEndsAtMs = gateway.now() + gateway.config().auth.maxWaitMs;
  let fallbacks = model.fallbacks;
  for (;;) {
    const first = await tryModel(gateway, request, model.first);
    const fallback = await answerFromFallbacks(gateway, request, fallbacks, first);
    if (fallback) return fallback;
    // Each is asked once: a request that is held must not repeat what they refused.
    fallbacks = [];
    if (!request.exchange.isOpen || (first.kind === 'failed' && first.wasCancelled)) return undefined;
    if (first.kind === 'failed') throw first.error;
    if (first.kind === 'answer') return served(first, model.first, false);
    const soonestAtMs = first.choice.kind === 'blocked' ? first.choice.soonestAtMs : undefined;
    const mayWait = soonestAtMs !== undefined && soonestAtMs <= patienceEndsAtMs && !request.upload;
    if (!mayWait) return lastWord(gateway, request, model.first, first);
    if (!(await waitUntil(soonestAtMs, gateway.now, request.exchange.cancel))) return undefined;
  }
}

async function tryModel(gateway: GatewayParts, request: ProxyRequest, model: ModelChoice): Promise<Tried> {
  const roster = gateway.rosterOf(request.agentId, model.provider);
  const ids =
    request.resourceId === undefined ? request.facts.namedIds : [request.resourceId, ...request.facts.namedIds];
  const owner = ids.length === 0 ? undefined : gateway.ownedIds.ownerOf(request.agentId, model.provider.id, ids);
  // A pin is the only profile that may serve, also where what is named belongs to another: then the provider says 404.
  return tryProfiles(gateway, request, model, request.token.profileId ?? roster.pin ?? owner);
}

/** A fallback answers only with success: its own refusals never replace the first model's. */
async function answerFromFallbacks(
  gateway: GatewayParts,
  request: ProxyRequest,
  fallbacks: RequestedModel['fallbacks'],
  first: Tried,
): Promise<Served | undefined> {
  if (!leadsToFallback(first) || request.facts.namedIds.length > 0) return undefined;
  for (const model of fallbacks) {
    if (!request.exchange.isOpen) return undefined;
    if (refusalToAsk(gateway, request, model)) continue;
    const tried = await tryFallback(gateway, request, model);
    if (tried?.kind === 'answer' && tried.judged.judgement.outcome === 'ok') return served(tried, model, true);
  }
  return undefined;
}

/** Undefined: a budget does not let this one out. */
async function tryFallback(
  gateway: GatewayParts,
  request: ProxyRequest,
  model: ModelChoice,
): Promise<Tried | undefined> {
  try {
    return await tryModel(gateway, request, model);
  } catch (error) {
    if (isMoltbotError(error) && error.gate === 'budget') return undefined;
    throw error;
  }
}

function leadsToFallback(tried: Tried): boolean {
  if (tried.kind === 'answer') return mayFallBack(tried.judged.judgement.outcome);
  return tried.kind === 'blocked' && (tried.last !== undefined || tried.choice.kind === 'blocked');
}

/** Nothing is usable and it takes too long: the provider's own refusal where it says it best, else ours. */
function lastWord(gateway: GatewayParts, request: ProxyRequest, model: ModelChoice, blocked: Blocked): Served {
  const own = nothingUsable(gateway, request, model, blocked);
  if (own) throw own;
  const judged = blocked.last!;
  const soonestAtMs = blocked.choice.kind === 'blocked' ? blocked.choice.soonestAtMs : undefined;
  const advice = judged.judgement.outcome === 'rate_limited' ? retryAdvice(soonestAtMs, gateway.now()) : undefined;
  return { judged, model, isFallback: false, leftSubscription: false, retryAdvice: advice };
}

function served(tried: Tried & { kind: 'answer' }, model: ModelChoice, isFallback: boolean): Served {
  const { judged, leftSubscription } = tried;
  return { judged, model, isFallback, leftSubscription, retryAdvice: undefined };
}
