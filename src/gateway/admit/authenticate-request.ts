import type { AccessToken } from '../../agents/token-store.ts';
import { isMoltbotError } from '../../core/errors.ts';
import type { Exchange } from '../exchange.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { tooManyFailures } from './too-many-failures.ts';

/**
 * Whose request this is, as the database says now. Only failures are throttled: a guesser never locks out a good token.
 * Throws as `Authenticator.authenticate`, THROTTLED, and what reading the state fails with.
 */
export function authenticateRequest(gateway: GatewayParts, exchange: Exchange): AccessToken {
  const { request } = exchange;
  gateway.refresh();
  try {
    const token = gateway.authenticator.authenticate(request.rawHeaders, gateway.now());
    exchange.agentId = token.agentId;
    return token;
  } catch (error) {
    if (isMoltbotError(error)) gateway.counters.authenticationFailures.add([error.code]);
    const address = request.socket.remoteAddress ?? '';
    if (gateway.failedLogins.add(address, gateway.now())) throw tooManyFailures('access token');
    throw error;
  }
}
