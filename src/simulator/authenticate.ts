import type { IncomingHttpHeaders } from 'node:http';
import type { WholeAnswer } from './answer.ts';
import { errorAnswer } from './errors.ts';
import type { IssuedKey } from './keys.ts';
import type { Presented } from './received.ts';
import type { Family } from './script-schema.ts';

const OAUTH_BETA = 'oauth-2025-04-20';

export interface Verdict {
  readonly issued: IssuedKey | undefined;
  readonly refusal: WholeAnswer | undefined;
}

/**
 * Which issued key a request carries, or the provider's own 401. Anthropic takes API keys in either header; a
 * setup-token only as Bearer together with its beta.
 */
export function authenticate(
  presented: readonly Presented[],
  family: Family,
  headers: IncomingHttpHeaders,
  requestId: string,
): Verdict {
  let complaint = family === 'anthropic' ? anthropicComplaint(presented) : undefined;
  for (const { record, issued } of presented) {
    if (issued?.provider !== family) continue;
    if (family !== 'anthropic') {
      if (record.header === 'authorization' && record.scheme === 'bearer') return { issued, refusal: undefined };
      continue;
    }
    if ((record.header === 'authorization') !== (record.scheme === 'bearer')) continue;
    if (issued.type === 'api_key') return { issued, refusal: undefined };
    if (record.header !== 'authorization') continue;
    if (hasBeta(headers, OAUTH_BETA)) return { issued, refusal: undefined };
    complaint = 'OAuth authentication is currently not supported.';
  }
  return { issued: undefined, refusal: errorAnswer(family, 'authentication', requestId, { message: complaint }) };
}

function anthropicComplaint(presented: readonly Presented[]): string {
  if (presented.length === 0) return 'x-api-key header is required';
  const bearer = presented.some(({ record }) => record.scheme === 'bearer');
  return bearer ? 'Invalid bearer token' : 'invalid x-api-key';
}

function hasBeta(headers: IncomingHttpHeaders, beta: string): boolean {
  const value = headers['anthropic-beta'];
  const text = Array.isArray(value) ? value.join(',') : (value ?? '');
  return text.split(',').some((item) => item.trim() === beta);
}
