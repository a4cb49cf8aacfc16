import type { MoltbotError } from '../../core/errors.ts';
import { tooManyFailures } from '../admit/too-many-failures.ts';
import type { Exchange } from '../exchange.ts';
import type { GatewayParts } from '../gateway-parts.ts';

/** Counts a failed authentication and gives what to answer: `error`, or THROTTLED when this address guesses. */
export function failedLogin(gateway: GatewayParts, { request }: Exchange, error: MoltbotError): MoltbotError {
  const isGuessing = gateway.failedLogins.add(request.socket.remoteAddress ?? '', gateway.now());
  if (!isGuessing) return error;
  return tooManyFailures('credential');
}
