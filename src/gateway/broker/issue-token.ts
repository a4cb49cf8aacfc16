import { DEFAULT_TTL_MS } from '../../agents/access-token.ts';
import { type AgentKey, AgentKeyStore } from '../../agents/agent-key-store.ts';
import type { Agent } from '../../agents/agent-store.ts';
import { assertProvidersAllowed } from '../../agents/assert-providers-allowed.ts';
import { issueToken } from '../../agents/change-tokens.ts';
import type { AccessToken, TokenGrant } from '../../agents/token-store.ts';
import { tokenTtlMs } from '../../agents/token-ttl.ts';
import { MoltbotError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { DAY_MS } from '../../core/time.ts';
import { assertPinnable } from '../../profiles/assert-pinnable.ts';
import { findProvider } from '../../providers/registry.ts';
import { NO_STORE, sendJson } from '../answer/send-json.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { askingAgent } from './asking-agent.ts';
import { authenticateAgent } from './authenticate-agent.ts';
import { type BrokerCall, ownOrigin } from './broker-call.ts';
import { tokenFields } from './fields.ts';
import { readFields } from './read-fields.ts';

/** A token a minute is more than any client needs; an agent in a loop would fill the disk with them. */
const TOKENS_A_MINUTE = 600;
/** How long the agent that asked for a token may renew it. */
const RENEW_FOR_MS = 7 * DAY_MS;

/** `POST /v1/tokens`: an access token for an agent key, with at most what the agent has. */
export async function issueAccessToken(call: BrokerCall): Promise<void> {
  const { gateway, exchange } = call;
  const key = authenticateAgent(call);
  const agent = askingAgent(gateway, key.agentId);
  const { ttl, profile, uses, label, providers, ...policy } = await readFields(exchange, tokenFields);
  if (profile !== undefined) assertPinnable(gateway.books, gateway.providers(), key.agentId, profile);
  const grant = { providers, profileId: profile, uses, label, policy, ttlMs: ttlOf(ttl), renewForMs: RENEW_FOR_MS };
  const { token, record } = giveToken(gateway, key, agent, grant);
  sendJson(exchange, 200, { token: token.reveal(), ...accessOf(call, record) }, NO_STORE);
}

/** Makes a token for a key, and writes down that it was used. PROVIDER_NOT_FOUND, PROVIDER_NOT_ALLOWED. */
export function giveToken(
  gateway: GatewayParts,
  key: AgentKey,
  agent: Agent,
  grant: Omit<TokenGrant, 'agentId' | 'agentKeyId'>,
): { token: Secret; record: AccessToken } {
  const { providers = [] } = grant;
  for (const id of providers) findProvider(gateway.providers(), id);
  assertProvidersAllowed(agent, providers, gateway.now());
  countPurchase(gateway, agent.id);
  const { books } = gateway;
  const by = { actor: `agent:${key.agentId}`, nowMs: gateway.now() } as const;
  return books.database.transaction(() => {
    new AgentKeyStore(books.database).touch(key.id, by.nowMs);
    return issueToken(books, { ...grant, agentId: key.agentId, agentKeyId: key.id }, by);
  });
}

/** Counts a token that is bought or renewed. LIMIT_REACHED, also for an agent without limits. */
export function countPurchase({ limits, now }: GatewayParts, agentId: string): void {
  const who = `Agent "${agentId}", asking for tokens,`;
  const limit = { key: `tokens of ${agentId}`, who, requestsPerMinute: TOKENS_A_MINUTE, concurrency: undefined };
  limits.enter([limit], now())();
}

/** What a holder needs to know of a token; `providers` is null for all that the agent may use. */
export function accessOf(call: BrokerCall, { accessor, agentId, providers, expiresAtMs }: AccessToken) {
  const only = providers?.length === 1 ? `/${providers[0]}` : '';
  return { accessor, agentId, providers, expiresAt: expiresAtMs, baseUrl: `${ownOrigin(call)}/v1/proxy${only}` };
}

export function ttlOf(ttl: unknown): number {
  const ttlMs = ttl === undefined ? DEFAULT_TTL_MS : tokenTtlMs(ttl);
  if (ttlMs !== undefined) return ttlMs;
  throw new MoltbotError('BAD_REQUEST', 'The field ttl is not a time of 1 minute to 1 hour.', {
    hint: 'Send for example "90s", "30m" or "1h".',
  });
}
