import { hashToken } from '../../agents/access-token.ts';
import { isWellFormedAgentKey } from '../../agents/agent-key.ts';
import { type AgentKey, AgentKeyStore } from '../../agents/agent-key-store.ts';
import { MoltbotError } from '../../core/errors.ts';
import { headerOf } from '../headers/raw-headers.ts';
import { isLive } from './authenticate-agent.ts';
import type { BrokerCall } from './broker-call.ts';
import { failedLogin } from './failed-login.ts';
import { OAuthError } from './oauth-error.ts';

interface ClientLogin {
  readonly id: string;
  readonly secret: string;
}

/**
 * Which client asks: by Basic or by the body, never by both (RFC 6749, section 2.3.1). Client id is the agent's, client
 * secret one made by `agents rotate-key --oauth`. Every wrong one is the same AGENT_KEY_REJECTED; failures are throttled.
 */
export function authenticateClient({ gateway, exchange }: BrokerCall, form: ReadonlyMap<string, string>): AgentKey {
  gateway.refresh();
  const login = loginOf(headerOf(exchange.request.rawHeaders, 'authorization'), form);
  const secret = login?.secret ?? '';
  const key = new AgentKeyStore(gateway.books.database).findByHash(hashToken(secret));
  const isRight = key?.kind === 'client_secret' && isWellFormedAgentKey('client_secret', secret);
  if (key && isRight && key.agentId === login?.id && isLive(key, gateway.now())) {
    exchange.agentId = key.agentId;
    return key;
  }
  const rejected = new MoltbotError('AGENT_KEY_REJECTED', 'No valid client id and client secret were sent.', {
    hint: 'The person who runs this gateway makes the secret with: moltbot agents rotate-key <name> --oauth',
  });
  throw failedLogin(gateway, exchange, rejected);
}

function loginOf(authorization: string | undefined, form: ReadonlyMap<string, string>): ClientLogin | undefined {
  const [id, secret] = [form.get('client_id'), form.get('client_secret')];
  if (authorization === undefined) return id !== undefined && secret !== undefined ? { id, secret } : undefined;
  if (secret !== undefined) throw twoWays();
  const login = basicLogin(authorization);
  if (id !== undefined && login && login.id !== id) throw twoWays();
  return login;
}

/** Both halves are form-encoded before they are joined (RFC 6749, section 2.3.1). */
function basicLogin(authorization: string): ClientLogin | undefined {
  const encoded = /^basic[ \t]+([A-Za-z0-9+/=]{1,1000})$/i.exec(authorization.trim())?.[1];
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  try {
    return { id: formDecoded(text.slice(0, colon)), secret: formDecoded(text.slice(colon + 1)) };
  } catch {
    // A broken percent escape: no client of ours.
    return undefined;
  }
}

function formDecoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

function twoWays(): OAuthError {
  return new OAuthError('invalid_request', 'The client authenticates in two ways; send Basic or the body parameters.');
}
