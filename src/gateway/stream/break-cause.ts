import type { ErrorCode } from '../../core/errors.ts';
import { formatDuration } from '../../core/time.ts';

/** Why a stream was ended before its time. The first six are the upstream's doing and count as the outcome `broken`. */
export type BreakCause =
  | 'truncated'
  | 'reset'
  | 'garbage'
  | 'silent'
  | 'oversized'
  | 'undecodable'
  | 'stopping'
  | 'revoked'
  | 'paused'
  | 'removed'
  | 'expired';

const CODES: Record<BreakCause, ErrorCode> = {
  truncated: 'UPSTREAM_BROKEN',
  reset: 'UPSTREAM_BROKEN',
  garbage: 'UPSTREAM_BROKEN',
  silent: 'UPSTREAM_SILENT',
  oversized: 'UPSTREAM_BROKEN',
  undecodable: 'UPSTREAM_BROKEN',
  stopping: 'DRAINING',
  revoked: 'TOKEN_REVOKED',
  paused: 'AGENT_PAUSED',
  removed: 'NO_CREDENTIALS',
  expired: 'TOKEN_EXPIRED',
};

export function isUpstreamsFault(cause: BreakCause): boolean {
  return !['stopping', 'revoked', 'paused', 'removed', 'expired'].includes(cause);
}

/** The same codes that `x-moltbot-error` has on answers that fail before their headers. */
export function breakCode(cause: BreakCause): ErrorCode {
  return CODES[cause];
}

/** One sentence for the client, which may be a model: it names the provider and no command. */
export function breakMessage(cause: BreakCause, provider: string, silenceMs: number): string {
  switch (cause) {
    case 'truncated':
      return `${provider} ended the stream before the answer was complete.`;
    case 'reset':
      return `The connection to ${provider} broke before the answer was complete.`;
    case 'garbage':
      return `${provider} sent something that is not part of an answer.`;
    case 'silent':
      return `${provider} sent nothing for ${formatDuration(silenceMs)}.`;
    case 'oversized':
      return `${provider} sent an event that is too large.`;
    case 'undecodable':
      return `${provider} sent a compressed stream that cannot be decoded.`;
    case 'stopping':
      return 'The gateway is stopping; the answer could not be finished.';
    case 'revoked':
      return 'The access token of this request was revoked.';
    case 'paused':
      return 'This agent was paused; ask the person who runs this gateway.';
    case 'removed':
      return 'The credential that served this request was removed.';
    case 'expired':
      return 'The access token of this request expired too long ago to go on.';
  }
}
