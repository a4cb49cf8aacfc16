import type { ModelPrice } from '../catalog/model-price.ts';
import type { Usage } from './usage/usage.ts';

/** What multiplies the price of every token of an answer. */
export type PriceFactor = 'batch' | 'usInference' | 'priority';

/** What an answer cost, for costs that are added before they are rounded. */
export interface ExactCost {
  /** Millionths of nano-dollars: with two factors in thousandths a whole number; undefined: no price is known. */
  readonly millionths: bigint | undefined;
  /** Some tokens are of a kind whose price is not known: they are charged as plain input, sound as if it were text. */
  readonly isEstimated: boolean;
}

const MILLION = 1_000_000n;
const UNPRICED: ExactCost = { millionths: undefined, isEstimated: false };

/**
 * Exactly what that usage costs at that price; at most two factors. The provider's own figure wins. An unknown price is
 * never zero.
 */
export function exactCostOf(usage: Usage, price: ModelPrice | undefined, factors: readonly PriceFactor[]): ExactCost {
  // A tick is a tenth of a nano-dollar.
  if (usage.costTicks !== undefined) return { millionths: BigInt(usage.costTicks) * 100_000n, isEstimated: false };
  if (!price || usage.otherToolUses > 0) return UNPRICED;
  const tools = toolsNanoUsd(usage, price);
  const perMille = factors.map((factor) => perMilleOf(price, factor));
  if (tools === undefined || perMille.includes(undefined)) return UNPRICED;
  const { inputNanoUsd: input, cacheReadNanoUsd, cacheWrite5mNanoUsd, cacheWrite1hNanoUsd } = price;
  const kinds: [tokens: number, nanoUsd: number | undefined][] = [
    [usage.inputTokens, input],
    [usage.cacheReadTokens, cacheReadNanoUsd],
    [usage.cacheWrite5mTokens, cacheWrite5mNanoUsd],
    [usage.cacheWrite1hTokens, cacheWrite1hNanoUsd],
    [usage.outputTokens, price.outputNanoUsd],
  ];
  const plain = kinds.reduce((sum, [tokens, nanoUsd]) => sum + product(tokens, nanoUsd ?? input), 0n);
  const millionths = perMille.reduce<bigint>(
    (cost, thousandths) => (cost * BigInt(thousandths!)) / 1_000n,
    plain * MILLION,
  );
  const isEstimated = usage.audioTokens > 0 || kinds.some(([tokens, nanoUsd]) => tokens > 0 && nanoUsd === undefined);
  return { millionths: millionths + tools * MILLION, isEstimated };
}

/** Whole nano-dollars, half-even: of two whole numbers that are equally near, the even one. */
export function wholeNanoUsd(millionths: bigint): number {
  const whole = millionths / MILLION;
  const twice = (millionths % MILLION) * 2n;
  const isUp = twice > MILLION || (twice === MILLION && whole % 2n === 1n);
  return Number(isUp ? whole + 1n : whole);
}

/** Which factors hold, by what the answer says of itself. Undefined: a tier nobody knows the price of. */
export function factorsOf({ serviceTier, inferenceGeo }: Usage): PriceFactor[] | undefined {
  const tier = tierFactor(serviceTier);
  return tier && [...tier, ...(inferenceGeo === 'us' ? (['usInference'] as const) : [])];
}

function tierFactor(tier: string | undefined): PriceFactor[] | undefined {
  if (tier === undefined || tier === 'standard' || tier === 'default' || tier === 'auto') return [];
  return tier === 'batch' || tier === 'priority' ? [tier] : undefined;
}

/** Most kinds are not used, and a BigInt is dear. */
function product(tokens: number, nanoUsd: number): bigint {
  return tokens === 0 ? 0n : BigInt(tokens) * BigInt(nanoUsd);
}

function toolsNanoUsd({ webSearches }: Usage, { webSearchNanoUsd }: ModelPrice): bigint | undefined {
  if (webSearches === 0) return 0n;
  return webSearchNanoUsd === undefined ? undefined : BigInt(webSearches) * BigInt(webSearchNanoUsd);
}

function perMilleOf(price: ModelPrice, factor: PriceFactor): number | undefined {
  if (factor === 'batch') return price.batchPerMille;
  return factor === 'priority' ? price.priorityPerMille : price.usInferencePerMille;
}
