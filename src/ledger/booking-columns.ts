import type { Booking } from './ledger-row.ts';

/** Where each part of a booking stands in the table; the order is part of the digests, so new ones come last. */
export const BOOKING_COLUMNS: readonly (readonly [column: string, field: keyof Booking])[] = [
  ['usage_state', 'usageState'],
  ['input_tokens', 'inputTokens'],
  ['cache_read_tokens', 'cacheReadTokens'],
  ['cache_write_5m_tokens', 'cacheWrite5mTokens'],
  ['cache_write_1h_tokens', 'cacheWrite1hTokens'],
  ['output_tokens', 'outputTokens'],
  ['reasoning_tokens', 'reasoningTokens'],
  ['web_searches', 'webSearches'],
  ['service_tier', 'serviceTier'],
  ['inference_geo', 'inferenceGeo'],
  ['speed', 'speed'],
  ['cost_ticks', 'costTicks'],
  ['cost_nano_usd', 'costNanoUsd'],
  ['price_version', 'priceVersion'],
];
