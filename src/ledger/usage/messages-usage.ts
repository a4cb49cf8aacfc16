import { countIn, type Fields, fieldsOf, wordIn } from './json-fields.ts';
import { NO_USAGE, type Usage } from './usage.ts';

/**
 * The usage block of Messages: of a whole answer, of `message_start`, or (over an `earlier` one) of `message_delta`,
 * whose figures are cumulative. Only `message_start` splits cache writes by lifetime and names tier, place and speed.
 */
export function messagesUsage(block: Fields, earlier: Usage = NO_USAGE): Usage {
  const count = (name: string) => countIn(block[name]);
  const writes = cacheWrites(block, earlier);
  const tools = fieldsOf(block.server_tool_use);
  const details = fieldsOf(block.output_tokens_details);
  return {
    ...NO_USAGE,
    inputTokens: count('input_tokens') ?? earlier.inputTokens,
    cacheReadTokens: count('cache_read_input_tokens') ?? earlier.cacheReadTokens,
    ...writes,
    outputTokens: count('output_tokens') ?? earlier.outputTokens,
    reasoningTokens: countIn(details.thinking_tokens) ?? earlier.reasoningTokens,
    webSearches: countIn(tools.web_search_requests) ?? earlier.webSearches,
    serviceTier: wordIn(block.service_tier) ?? earlier.serviceTier,
    inferenceGeo: wordIn(block.inference_geo) ?? earlier.inferenceGeo,
    speed: wordIn(block.speed) ?? earlier.speed,
  };
}

/** A total that grew after the split was told grew at the lifetime that is the default: 5 minutes. */
function cacheWrites(block: Fields, earlier: Usage): Pick<Usage, 'cacheWrite5mTokens' | 'cacheWrite1hTokens'> {
  const split = fieldsOf(block.cache_creation);
  const [told5m, told1h] = [countIn(split.ephemeral_5m_input_tokens), countIn(split.ephemeral_1h_input_tokens)];
  const total = countIn(block.cache_creation_input_tokens);
  if (total === undefined) {
    return {
      cacheWrite5mTokens: told5m ?? earlier.cacheWrite5mTokens,
      cacheWrite1hTokens: told1h ?? earlier.cacheWrite1hTokens,
    };
  }
  const cacheWrite1hTokens = Math.min(told1h ?? earlier.cacheWrite1hTokens, total);
  return { cacheWrite5mTokens: total - cacheWrite1hTokens, cacheWrite1hTokens };
}
