import { renewToken, revokeToken } from '../../agents/change-tokens.ts';
import type { AccessToken } from '../../agents/token-store.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { sendJson } from '../answer/send-json.ts';
import { askingAgent } from './asking-agent.ts';
import { authenticateAgent } from './authenticate-agent.ts';
import type { BrokerCall } from './broker-call.ts';
import { renewFields } from './fields.ts';
import { accessOf, countPurchase, ttlOf } from './issue-token.ts';
import { readFields } from './read-fields.ts';

/** `POST /v1/tokens/{accessor}/renew`: by the agent that owns it, never by the token; up to 7 days after it was made. */
export async function renewAccessToken(call: BrokerCall): Promise<void> {
  const { gateway, exchange, id } = call;
  const { agentId } = authenticateAgent(call);
  askingAgent(gateway, agentId);
  const ttlMs = ttlOf((await readFields(exchange, renewFields)).ttl);
  ownToken(call, agentId);
  countPurchase(gateway, agentId);
  const renewed = renewToken(gateway.books, id, ttlMs, { actor: `agent:${agentId}`, nowMs: gateway.now() });
  gateway.noteOwnWrite();
  if (!renewed) throw notRenewable(id);
  sendJson(exchange, 200, accessOf(call, renewed));
}

/** `DELETE /v1/tokens/{accessor}`: ends it at once, with the answers that run on it. Also when it was ended before. */
export function endAccessToken(call: BrokerCall): void {
  const { gateway, exchange, id } = call;
  const { agentId } = authenticateAgent(call);
  ownToken(call, agentId);
  const by = { actor: `agent:${agentId}`, nowMs: gateway.now() } as const;
  const revoked = gateway.books.database.durableTransaction(() => revokeToken(gateway.books, id, by));
  gateway.noteOwnWrite();
  sendJson(exchange, 200, { accessor: id, revoked });
}

/** Another agent's accessor is answered like one that was never given out. */
function ownToken({ gateway, id }: BrokerCall, agentId: string): AccessToken {
  const token = gateway.books.tokens.find(id);
  if (token?.agentId === agentId) return token;
  throw new MoltbotError('TOKEN_NOT_FOUND', `There is no token of yours with the accessor "${printable(id)}".`, {
    hint: 'Ask for a new one: POST /v1/tokens',
  });
}

function notRenewable(accessor: string): MoltbotError {
  return new MoltbotError('TOKEN_NOT_FOUND', `The token ${printable(accessor)} can no longer be renewed.`, {
    hint: 'It was revoked, or its 7 days are over. Ask for a new one: POST /v1/tokens',
  });
}
