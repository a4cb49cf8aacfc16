import { DEFAULT_TTL_MS, MAXIMUM_TTL_MS, MINIMUM_TTL_MS } from '../../agents/access-token.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { parseDuration } from '../../core/time.ts';

/** `--ttl` in milliseconds: 1 min to 1 h, 10 min unless said. Anything else is USAGE, never a silent default. */
export function parseTtl(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TTL_MS;
  const ttlMs = parseDuration(text);
  if (ttlMs !== undefined && ttlMs >= MINIMUM_TTL_MS && ttlMs <= MAXIMUM_TTL_MS) return ttlMs;
  throw new MoltbotError('USAGE', `A token cannot live for "${printable(text)}": its time is 1 minute to 1 hour.`, {
    hint: 'Give for example: --ttl 90s, --ttl 30m or --ttl 1h',
  });
}
