import { unenrollAgent } from '../../agents/change-agent-keys.ts';
import { sendJson } from '../answer/send-json.ts';
import { authenticateAgent } from './authenticate-agent.ts';
import type { BrokerCall } from './broker-call.ts';

/** `POST /v1/unenroll` with its agent key: the agent ends itself, its keys and its tokens; open answers are cut. */
export function unenroll(call: BrokerCall): void {
  const { gateway, exchange } = call;
  const { agentId } = authenticateAgent(call);
  const by = { actor: `agent:${agentId}`, nowMs: gateway.now() } as const;
  const ended = gateway.books.database.durableTransaction(() => unenrollAgent(gateway.books, agentId, by));
  gateway.noteOwnWrite();
  sendJson(exchange, 200, { agentId, ...ended });
}
