import { DEFAULT_TTL_MS } from '../../agents/access-token.ts';
import { tokenTtlMs } from '../../agents/token-ttl.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';

/** `--ttl` in milliseconds: 1 min to 1 h, 10 min unless said. Anything else is USAGE, never a silent default. */
export function parseTtl(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TTL_MS;
  const ttlMs = tokenTtlMs(text);
  if (ttlMs !== undefined) return ttlMs;
  throw new MoltbotError('USAGE', `A token cannot live for "${printable(text)}": its time is 1 minute to 1 hour.`, {
    hint: 'Give for example: --ttl 90s, --ttl 30m or --ttl 1h',
  });
}
