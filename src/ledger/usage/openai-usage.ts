import { countIn, type Fields, fieldsOf, wordIn } from './json-fields.ts';
import { NO_USAGE, type Usage } from './usage.ts';

/**
 * The usage block of chat completions and of Responses. Cached and written tokens are inside the prompt's total and
 * reasoning inside the output's, but at xAI not always: what the whole total has beyond the two says which.
 */
export function openaiUsage(block: Fields, serviceTier?: unknown): Usage {
  const prompt = countIn(block.prompt_tokens) ?? countIn(block.input_tokens) ?? 0;
  const output = countIn(block.completion_tokens) ?? countIn(block.output_tokens) ?? 0;
  const promptDetails = fieldsOf(block.prompt_tokens_details ?? block.input_tokens_details);
  const outputDetails = fieldsOf(block.completion_tokens_details ?? block.output_tokens_details);
  const cached = countIn(promptDetails.cached_tokens) ?? 0;
  const written = countIn(promptDetails.cache_write_tokens) ?? 0;
  const reasoning = countIn(outputDetails.reasoning_tokens) ?? 0;
  const beyond = (countIn(block.total_tokens) ?? 0) - prompt - output;
  const reasoningIsExtra =
    reasoning > output || (reasoning > 0 && (beyond === reasoning || beyond === reasoning + cached));
  const cachedIsExtra =
    cached + written > prompt || (cached > 0 && beyond === cached + (reasoningIsExtra ? reasoning : 0));
  return {
    ...NO_USAGE,
    inputTokens: cachedIsExtra ? Math.max(0, prompt - written) : prompt - cached - written,
    cacheReadTokens: cached,
    cacheWrite5mTokens: written,
    outputTokens: output + (reasoningIsExtra ? reasoning : 0),
    reasoningTokens: reasoning,
    audioTokens: (countIn(promptDetails.audio_tokens) ?? 0) + (countIn(outputDetails.audio_tokens) ?? 0),
    otherToolUses: (countIn(block.num_sources_used) ?? 0) + (countIn(block.num_server_side_tools_used) ?? 0),
    costTicks: ticksIn(block.cost_in_usd_ticks),
    serviceTier: wordIn(serviceTier) ?? wordIn(block.service_tier),
  };
}

function ticksIn(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
