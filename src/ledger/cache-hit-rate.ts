import type { UsageSums } from './usage-sums.ts';

/** Which part of all prompts came from a cache, 0 to 1; null where there was no prompt. */
export function cacheHitRate({ inputTokens, cacheReadTokens, cacheWriteTokens }: UsageSums): number | null {
  const prompt = inputTokens + cacheReadTokens + cacheWriteTokens;
  return prompt === 0 ? null : cacheReadTokens / prompt;
}
