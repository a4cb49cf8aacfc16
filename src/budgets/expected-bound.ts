import { findModel } from '../catalog/models.ts';
import { pricesOf } from '../catalog/own-prices.ts';
import { modelsOf, paramsOf } from '../config/agent-view.ts';
import { formatModelRef } from '../config/model-ref.ts';
import type { Config } from '../config/schema.ts';
import { MAIN_AGENT } from '../core/ids.ts';
import type { Budget } from './budget.ts';
import { type InUse, UNKNOWN_EXCESS } from './overshoot.ts';
import { EMPTY_PROMPT } from './prompt-size.ts';
import { worstCaseOf } from './worst-case.ts';

/** The prompt that stands for others where none has been seen. */
export const EXPECTED_PROMPT_BYTES = 30_000;

/**
 * What a request in the scope of a budget may take, while the ledger has none: one of `EXPECTED_PROMPT_BYTES` to the
 * model of the scope or the default model, with the longest answer that settings let it have. Undefined where no model is
 * set, or its price or its limits are not known.
 */
export function expectedBound(config: Config, { scope, unit }: Budget, nowMs: number): InUse | undefined {
  const agentId = scope.agentId ?? MAIN_AGENT;
  const { provider, model } = scope;
  const ref = provider !== undefined && model !== undefined ? { provider, model } : modelsOf(config, agentId).primary;
  if (!ref || unit === 'requests') return undefined;
  const { maxOutputTokens } = paramsOf(config, agentId, ref);
  const limits = findModel(ref.provider, ref.model) ?? {};
  const prices = pricesOf(config.models.prices, ref.provider, ref.model);
  const size = { ...EMPTY_PROMPT, textBytes: EXPECTED_PROMPT_BYTES, maxOutputTokens };
  const worst = worstCaseOf(size, limits, prices, nowMs);
  if (worst.kind === 'unbounded' || (worst.kind === 'unpriced' && unit === 'nanoUsd')) return undefined;
  const bound = unit === 'tokens' ? worst.tokens : worst.kind === 'bounded' ? worst.nanoUsd : 0;
  return { bound, model: formatModelRef(ref), excess: UNKNOWN_EXCESS };
}
