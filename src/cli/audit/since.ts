import { MoltbotError } from '../../core/errors.ts';
import { parseSince } from '../../core/time.ts';

/** `24h` before now, or a time as ISO 8601 writes it, in epoch ms. USAGE for anything else. */
export function sinceOf(text: string, nowMs: number): number {
  const sinceMs = parseSince(text, nowMs);
  if (sinceMs !== undefined) return sinceMs;
  throw new MoltbotError('USAGE', 'That is not a time for --since.', {
    hint: 'For example: --since 30m, --since 7d, --since 2026-11-20T09:00Z',
  });
}
