import { hashToken } from '../../agents/access-token.ts';
import { isWellFormedAgentKey } from '../../agents/agent-key.ts';
import { type AgentKey, AgentKeyStore } from '../../agents/agent-key-store.ts';
import { MoltbotError } from '../../core/errors.ts';
import { presentedTokens } from '../headers/credentials.ts';
import type { BrokerCall } from './broker-call.ts';
import { failedLogin } from './failed-login.ts';

/**
 * Whose agent key a request carries, in `authorization: Bearer`, `x-api-key`, or both. Malformed, unknown, replaced and of
 * another kind (an access token, a client secret, an admin key) are one generic AGENT_KEY_REJECTED; two different valid
 * ones are AMBIGUOUS_CREDENTIALS. Only failures are throttled: THROTTLED.
 */
export function authenticateAgent({ gateway, exchange }: BrokerCall): AgentKey {
  gateway.refresh();
  const keys = new AgentKeyStore(gateway.books.database);
  const found = presentedTokens(exchange.request.rawHeaders).flatMap((text) => {
    // Looked up whatever its form is: all refusals cost the same.
    const key = keys.findByHash(hashToken(text));
    return key?.kind === 'key' && isWellFormedAgentKey('key', text) && isLive(key, gateway.now()) ? [key] : [];
  });
  if (found.length === 0) throw failedLogin(gateway, exchange, rejected());
  if (found.length > 1) throw ambiguous();
  exchange.agentId = found[0]!.agentId;
  return found[0]!;
}

export function isLive(key: AgentKey, nowMs: number): boolean {
  return key.expiresAtMs === null || nowMs < key.expiresAtMs;
}

/** One text for every reason, so that it tells a guesser nothing. */
function rejected(): MoltbotError {
  return new MoltbotError('AGENT_KEY_REJECTED', 'No valid moltbot agent key was sent.', {
    hint: 'Send one as "Authorization: Bearer mba_…"; the person who runs this gateway makes them with: moltbot agents rotate-key <name>',
  });
}

function ambiguous(): MoltbotError {
  return new MoltbotError('AMBIGUOUS_CREDENTIALS', 'Two different valid agent keys were sent.', {
    hint: 'Send only one of them.',
  });
}
