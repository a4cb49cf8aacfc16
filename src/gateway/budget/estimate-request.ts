import type { Estimate } from '../../budgets/estimate.ts';
import type { PromptSize } from '../../budgets/prompt-size.ts';
import { type WorstCase, worstCaseOf } from '../../budgets/worst-case.ts';
import { findModel } from '../../catalog/models.ts';
import { pricesOf } from '../../catalog/own-prices.ts';
import { settingText } from '../../providers/setting-headers.ts';
import { forwardedModel } from '../admit/may-ask.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { ModelChoice } from '../choose/requested-model.ts';
import type { ServingProfile } from '../choose/roster.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { outputBoundOf } from '../shape/output-bound.ts';
import { LONG_CONTEXT_BETA } from '../shape/prompt-size.ts';

/** Of the worst case, where nothing is known yet of what such requests usually take. */
const UNKNOWN_SHARE = 0.1;

/** What a prompt of that size takes at most and usually with this model and profile. */
export function estimateOf(
  gateway: GatewayParts,
  request: ProxyRequest,
  choice: ModelChoice,
  profile: ServingProfile,
  size: PromptSize,
): Estimate {
  const provider = profile.provider.id;
  const name = forwardedModel(request, choice) ?? '';
  const prices = pricesOf(gateway.config().models.prices, provider, name);
  const limits = findModel(provider, name) ?? {};
  const { tokens } = outputBoundOf(request.body, request.facts, choice.params, request.route.format);
  const asksLongContext = size.asksLongContext || isLongContextSet(profile, choice);
  const bounded = { ...size, maxOutputTokens: tokens, asksLongContext };
  const worst = worstCaseOf(bounded, limits, prices, gateway.now());
  // A subscription's answers cost nothing more.
  const isFree = profile.type === 'token';
  const boundNanoUsd = isFree ? 0 : worst.kind === 'bounded' ? worst.nanoUsd : undefined;
  const boundTokens = worst.kind === 'unbounded' ? undefined : worst.tokens;
  const usual = isFree ? undefined : gateway.usual.of(request.agentId, provider, name);
  return {
    boundNanoUsd,
    boundTokens,
    usualNanoUsd: usual?.nanoUsd ?? Math.ceil((boundNanoUsd ?? 0) * UNKNOWN_SHARE),
    usualTokens: usual?.tokens ?? Math.ceil((boundTokens ?? 0) * UNKNOWN_SHARE),
    unknown: unknownOf(worst),
  };
}

/** By a header that a person set for the provider or the model. */
function isLongContextSet({ provider }: ServingProfile, { params }: ModelChoice): boolean {
  const set = [...Object.values(provider.headers), ...Object.values(params.headers ?? {})];
  return set.some((value) => settingText(value).includes(LONG_CONTEXT_BETA));
}

function unknownOf(worst: WorstCase): Estimate['unknown'] {
  return worst.kind === 'bounded' ? undefined : { kind: worst.kind, why: worst.reason };
}
