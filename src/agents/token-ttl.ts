import { parseDuration } from '../core/time.ts';
import { MAXIMUM_TTL_MS, MINIMUM_TTL_MS } from './access-token.ts';

/** `90s`, `30m`, `1h` → milliseconds; undefined for anything else, also for what is below a minute or above an hour. */
export function tokenTtlMs(value: unknown): number | undefined {
  const ttlMs = typeof value === 'string' ? parseDuration(value) : undefined;
  return ttlMs !== undefined && ttlMs >= MINIMUM_TTL_MS && ttlMs <= MAXIMUM_TTL_MS ? ttlMs : undefined;
}
