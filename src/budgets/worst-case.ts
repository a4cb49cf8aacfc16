import type { CatalogModel, PricedModel } from '../catalog/catalog-model.ts';
import { type ModelPrice, priceUnder } from '../catalog/model-price.ts';
import type { PromptSize } from './prompt-size.ts';

/**
 * The most a request can cost. `unpriced`: its tokens have a bound, its dollars none; `unbounded`: nothing has. The
 * reason is a clause that goes on after "because".
 */
export type WorstCase =
  | (TokenBound & { readonly kind: 'bounded'; readonly nanoUsd: number })
  | (TokenBound & { readonly kind: 'unpriced'; readonly reason: string })
  | { readonly kind: 'unbounded'; readonly reason: string };

export interface TokenBound {
  /** Of all kinds, each time the model reads them. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Both. */
  readonly tokens: number;
}

/** As far as they are known. */
type ModelLimits = Partial<Pick<CatalogModel, 'contextTokens' | 'maxOutputTokens'>>;

/**
 * Anthropic scales an image down to at most 3.75 megapixels, a token for each 784 of them: 4,784 (notes on Opus 4.7);
 * OpenAI to 1,536 patches of at most 2.46 tokens: 3,779 (its vision guide, `high` detail; gpt-4o-mini alone counts more);
 * xAI to 1,792 (its image guide).
 */
const IMAGE_TOKENS = 5_000;
/**
 * What providers put around a prompt and charge for: instructions for tools (Anthropic's tool page: 346, and up to 700 for
 * one tool), for thinking and structured answers, a system prompt of their own (xAI: some 700), marks between messages.
 */
const OVERHEAD_TOKENS = 2_000;
/** A tool that the provider describes itself: Anthropic's computer use has 735 tokens, and 499 of instructions. */
const PROVIDER_TOOL_TOKENS = 1_500;
/** What Anthropic's `context-1m` beta opens. */
const LONG_CONTEXT_TOKENS = 1_000_000;

/**
 * Upper bounds of what a request may use and cost, whatever the provider does with it, at prices true at `atMs`: admit it
 * with the same time. They stand on this: a token is at least one byte of text, as in every tokeniser these providers have
 * described (encrypted reasoning is longer than what it hides; a sign like U+FDFA, which some first write out as 18
 * letters, is the one exception known); no prompt is longer than the model's context, because it is refused; the bound of
 * an answer holds for all that is written in it, reasoning and calls of tools among it.
 */
export function worstCaseOf(
  size: PromptSize,
  limits: ModelLimits,
  model: PricedModel | undefined,
  atMs: number,
): WorstCase {
  if (size.unbounded !== undefined) return { kind: 'unbounded', reason: size.unbounded };
  const outputTokens = outputBound(size, limits);
  if (outputTokens === undefined) return { kind: 'unbounded', reason: NO_OUTPUT_BOUND };
  const inputTokens = inputBound(size, limits, outputTokens);
  if (inputTokens === Infinity) return { kind: 'unbounded', reason: NO_INPUT_BOUND };
  const tokens = inputTokens + outputTokens;
  if (!Number.isSafeInteger(tokens)) return { kind: 'unbounded', reason: 'it asks for more than can be counted' };
  const bound = { inputTokens, outputTokens, tokens };
  const nanoUsd = model ? dearest(size, bound, model, atMs) : NO_PRICE;
  if (typeof nanoUsd === 'string') return { kind: 'unpriced', ...bound, reason: nanoUsd };
  if (nanoUsd > Number.MAX_SAFE_INTEGER) return { kind: 'unbounded', reason: 'it asks for more than can be counted' };
  return { kind: 'bounded', ...bound, nanoUsd: Number(nanoUsd) };
}

const NO_OUTPUT_BOUND = 'it sets no limit on its answer and none is known of the model';
const NO_INPUT_BOUND = 'it names something of unknown size and the limit of the model is not known';
const NO_PRICE = 'the price of the model is not known';

function outputBound({ answers, maxOutputTokens }: PromptSize, limits: ModelLimits): number | undefined {
  if (answers === 0) return 0;
  const each = maxOutputTokens ?? limits.maxOutputTokens;
  return each === undefined ? undefined : each * answers;
}

/** The prompt, and once more for each use of a tool at the provider, with what has been written and found until then. */
function inputBound(size: PromptSize, { contextTokens }: ModelLimits, outputTokens: number): number {
  const most = contextBound(size, contextTokens);
  const prompt = promptBound(size);
  const largestFirst = size.lookups.toSorted((a, b) => b.tokensEach - a.tokensEach);
  let found = 0;
  let total = Math.min(most, prompt);
  for (const { uses, tokensEach } of largestFirst) {
    for (let use = 0; use < uses; use++) {
      found += tokensEach;
      total += Math.min(most, prompt + outputTokens + found);
    }
  }
  // One use too many is refused only after the model has asked for it.
  return size.lookups.length === 0 ? total : total + Math.min(most, prompt + outputTokens + found);
}

function contextBound({ answers, asksLongContext }: PromptSize, contextTokens: number | undefined): number {
  // Embeddings take many prompts at once, each as long as that.
  if (contextTokens === undefined || answers === 0) return Infinity;
  return asksLongContext ? Math.max(contextTokens, LONG_CONTEXT_TOKENS) : contextTokens;
}

function promptBound({ textBytes, images, documents, countedTokens, providerTools }: PromptSize): number {
  const overhead = OVERHEAD_TOKENS + providerTools * PROVIDER_TOOL_TOKENS;
  if (countedTokens !== undefined) return countedTokens + overhead;
  return documents > 0 ? Infinity : textBytes + images * IMAGE_TOKENS + overhead;
}

/** The most that bound may cost, in whole nano-dollars, or why no price is known. */
function dearest(size: PromptSize, bound: TokenBound, model: PricedModel, atMs: number): bigint | string {
  const prices = possiblePrices(size, bound, model, atMs);
  if (prices.length === 0 || prices.includes(undefined)) return NO_PRICE;
  let most = 0n;
  for (const price of prices) {
    const cost = costAt(size, bound, price!);
    if (typeof cost === 'string') return cost;
    if (cost > most) most = cost;
  }
  return most;
}

/** Every price the answer may get: of each tier its prompt may fall in, of both speeds where the fast one is asked for. */
function possiblePrices(
  { speed }: PromptSize,
  { inputTokens }: TokenBound,
  { prices }: PricedModel,
  atMs: number,
): (ModelPrice | undefined)[] {
  const edges = prices.flatMap(({ maxPromptTokens: most, minPromptTokens: least }) => [
    ...(most === undefined ? [] : [most, most + 1]),
    ...(least === undefined ? [] : [least - 1, least]),
  ]);
  const sizes = [0, inputTokens, ...edges].filter((promptTokens) => promptTokens >= 0 && promptTokens <= inputTokens);
  const speeds = speed === undefined || speed === 'standard' ? ['standard'] : ['standard', speed];
  return speeds.flatMap((each) => sizes.map((promptTokens) => priceUnder(prices, { atMs, promptTokens, speed: each })));
}

function costAt(size: PromptSize, { inputTokens, outputTokens }: TokenBound, price: ModelPrice): bigint | string {
  const us = usPerMille(size, price);
  const priority = priorityPerMille(size, price);
  const searches = size.lookups.reduce((sum, { uses, isPriced }) => sum + (isPriced ? uses : 0), 0);
  if (us === undefined) return 'the price of inference in the US is not known';
  if (priority === undefined) return 'the price of its service tier is not known';
  if (searches > 0 && price.webSearchNanoUsd === undefined) return 'the price of a web search is not known';
  const prompt = Math.min(inputTokens, price.maxPromptTokens ?? inputTokens);
  const plain = BigInt(prompt) * BigInt(dearestInput(price)) + BigInt(outputTokens) * BigInt(price.outputNanoUsd);
  const millionths = plain * BigInt(us) * BigInt(priority);
  return (millionths + 999_999n) / 1_000_000n + BigInt(searches) * BigInt(price.webSearchNanoUsd ?? 0);
}

function dearestInput({ inputNanoUsd, ...price }: ModelPrice): number {
  const { cacheReadNanoUsd = 0, cacheWrite5mNanoUsd = 0, cacheWrite1hNanoUsd = 0 } = price;
  return Math.max(inputNanoUsd, cacheReadNanoUsd, cacheWrite5mNanoUsd, cacheWrite1hNanoUsd);
}

/** A workspace may have its answers made in the US by a setting the gateway cannot see: only a request can rule it out. */
function usPerMille({ inferenceGeo }: PromptSize, { usInferencePerMille }: ModelPrice): number | undefined {
  if (inferenceGeo === undefined) return Math.max(1_000, usInferencePerMille ?? 1_000);
  if (inferenceGeo !== 'us') return 1_000;
  return usInferencePerMille === undefined ? undefined : Math.max(1_000, usInferencePerMille);
}

const ORDINARY_TIERS = ['default', 'standard', 'standard_only'];

/** `auto`, which is what absence means, takes priority where the account has it. */
function priorityPerMille({ serviceTier }: PromptSize, price: ModelPrice): number | undefined {
  if (serviceTier === undefined || serviceTier === 'auto') return Math.max(1_000, price.priorityPerMille ?? 1_000);
  if (ORDINARY_TIERS.includes(serviceTier)) return 1_000;
  const isPriced = serviceTier === 'priority' && price.priorityPerMille !== undefined;
  return isPriced ? Math.max(1_000, price.priorityPerMille) : undefined;
}
