import { MoltbotError } from '../../core/errors.ts';
import { parseDuration } from '../../core/time.ts';

/** `24h` before now, or a time as ISO 8601 writes it, in epoch ms. USAGE for anything else. */
export function sinceOf(text: string, nowMs: number): number {
  const backMs = parseDuration(text);
  if (backMs !== undefined) return nowMs - backMs;
  const atMs = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(atMs)) return atMs;
  throw new MoltbotError('USAGE', 'That is not a time for --since.', {
    hint: 'For example: --since 30m, --since 7d, --since 2026-11-20T09:00Z',
  });
}
