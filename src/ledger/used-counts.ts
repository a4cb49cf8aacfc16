import { USAGE_COLUMNS } from '../database/usage-quarters.ts';
import type { PricedCounts } from './usage-sums.ts';

/** Counts of rows of one line. */
export type UsedCounts = PricedCounts & { readonly key: string | null; readonly isSimulated: number };

/** Counts over `source`, whose columns are those of `usage_quarters`, by that key and by what decides a price. */
export function countsBy(key: string, source: string, more = ''): string {
  return `WITH used (${USAGE_COLUMNS}${more}) AS (${source})
    SELECT ${key} AS key, provider, model, is_simulated AS isSimulated, is_subscription AS isSubscription,
      price_version AS priceVersion, service_tier AS serviceTier, inference_geo AS inferenceGeo,
      sum(requests) AS requests, sum(failed) AS failed, sum(input_tokens) AS inputTokens,
      sum(cache_read_tokens) AS cacheReadTokens, sum(cache_write_5m_tokens) AS cacheWrite5mTokens,
      sum(cache_write_1h_tokens) AS cacheWrite1hTokens, sum(output_tokens) AS outputTokens,
      sum(reasoning_tokens) AS reasoningTokens, sum(web_searches) AS webSearches,
      sum(cost_nano_usd) AS costNanoUsd, sum(unpriced) AS unpriced, sum(estimated) AS estimated,
      sum(held_nano_usd) AS heldNanoUsd, sum(held_tokens) AS heldTokens, sum(held) AS held,
      sum(unread_5m_tokens) AS unread5mTokens, sum(unread_1h_tokens) AS unread1hTokens
    FROM used WHERE (?2 IS NULL OR agent_id = ?2) GROUP BY 1, 2, 3, 4, 5, 6, 7, 8`;
}
