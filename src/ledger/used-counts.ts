import { summed, USAGE_COLUMNS } from '../database/usage-quarters.ts';
import type { PricedCounts, UsageCounts } from './usage-sums.ts';

/** Counts of rows of one line. */
export type UsedCounts = PricedCounts & { readonly key: string | null; readonly isSimulated: number };

const COUNTS: readonly (readonly [column: string, name: keyof UsageCounts])[] = [
  ['requests', 'requests'],
  ['failed', 'failed'],
  ['input_tokens', 'inputTokens'],
  ['cache_read_tokens', 'cacheReadTokens'],
  ['cache_write_5m_tokens', 'cacheWrite5mTokens'],
  ['cache_write_1h_tokens', 'cacheWrite1hTokens'],
  ['output_tokens', 'outputTokens'],
  ['reasoning_tokens', 'reasoningTokens'],
  ['web_searches', 'webSearches'],
  ['cost_nano_usd', 'costNanoUsd'],
  ['unpriced', 'unpriced'],
  ['estimated', 'estimated'],
  ['held_nano_usd', 'heldNanoUsd'],
  ['held_tokens', 'heldTokens'],
  ['held', 'held'],
  ['unread_5m_tokens', 'unread5mTokens'],
  ['unread_1h_tokens', 'unread1hTokens'],
];

/** Counts over `source`, whose columns are those of `usage_quarters`, by that key and by what decides a price. */
export function countsBy(key: string, source: string, more = ''): string {
  return `WITH used (${USAGE_COLUMNS}${more}) AS (${source})
    SELECT ${key} AS key, provider, model, is_simulated AS isSimulated, is_subscription AS isSubscription,
      price_version AS priceVersion, service_tier AS serviceTier, inference_geo AS inferenceGeo,
      ${COUNTS.map(([column, name]) => `${summed(column)} AS ${name}`).join(', ')}
    FROM used WHERE (?2 IS NULL OR agent_id = ?2) GROUP BY 1, 2, 3, 4, 5, 6, 7, 8`;
}
