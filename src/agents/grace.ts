import { DAY_MS, parseDuration } from '../core/time.ts';

const LONGEST_GRACE_MS = 30 * DAY_MS;

/** How long older keys go on working, `0` or `10m` as a person writes it; undefined for anything else and over 30 days. */
export function parseGrace(text: string): number | undefined {
  const graceMs = text === '0' ? 0 : parseDuration(text);
  return graceMs !== undefined && graceMs <= LONGEST_GRACE_MS ? graceMs : undefined;
}
