import type { MoltbotError } from '../../core/errors.ts';
import type { Exchange } from '../exchange.ts';
import type { GatewayParts } from '../gateway-parts.ts';

/** A request that ends with an error of ours is counted, written into the audit, and logged. `stack`: of our own bug. */
export function noteRefusal(gateway: GatewayParts, exchange: Exchange, error: MoltbotError, stack?: string): void {
  const { requestId, agentId, providerId: provider, routePath: route } = exchange;
  const { code, gate } = error;
  gateway.counters.refusals.add([code]);
  gateway.refusals.note({ requestId, code, gate, agentId, provider, route });
  const level = error.httpStatus >= 500 ? 'error' : 'info';
  gateway.log[level]({ request: requestId, code, method: exchange.request.method, stack }, error.message);
}
