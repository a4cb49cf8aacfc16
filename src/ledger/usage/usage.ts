/**
 * Where the figures come from. `reported`: the provider's, of the whole answer. `partial`: the provider's, of an answer
 * that broke off. `estimated`: the provider said nothing, or not enough for a price.
 */
export type UsageState = 'reported' | 'partial' | 'estimated';

/** What one answer used. Kinds of tokens do not overlap: their sum is the whole. */
export interface Usage {
  /** Of the prompt, neither read from a cache nor written to one. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  /** Written to the cache for 5 minutes, or for as long as the provider chooses. */
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  /** Reasoning among them. */
  readonly outputTokens: number;
  /** Those of `outputTokens` that were reasoning, where the provider says so. */
  readonly reasoningTokens: number;
  readonly webSearches: number;
  /** Those of the prompt and the output that are sound: they have prices of their own, which no table here has. */
  readonly audioTokens: number;
  /** Other tools at the provider that it counts and whose price nobody knows. */
  readonly otherToolUses: number;
  /** The provider's own cost (xAI), in 10⁻¹⁰ dollars. */
  readonly costTicks: number | undefined;
  /** As the provider names them: `batch`, `priority`; `us`; `fast`. Undefined: the ordinary one. */
  readonly serviceTier: string | undefined;
  readonly inferenceGeo: string | undefined;
  readonly speed: string | undefined;
}

export const NO_USAGE: Usage = {
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  webSearches: 0,
  audioTokens: 0,
  otherToolUses: 0,
  costTicks: undefined,
  serviceTier: undefined,
  inferenceGeo: undefined,
  speed: undefined,
};

type PromptUsage = Pick<Usage, 'inputTokens' | 'cacheReadTokens' | 'cacheWrite5mTokens' | 'cacheWrite1hTokens'>;

/** The whole prompt: what a tier of prices is chosen by. */
export function promptTokens(usage: PromptUsage): number {
  const { inputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens } = usage;
  return inputTokens + cacheReadTokens + cacheWrite5mTokens + cacheWrite1hTokens;
}
