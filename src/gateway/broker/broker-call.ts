import type { Exchange } from '../exchange.ts';
import type { GatewayParts } from '../gateway-parts.ts';

/** A request to a route of the broker, before it is known who asks. */
export interface BrokerCall {
  readonly gateway: GatewayParts;
  readonly exchange: Exchange;
  /** What stood at the variable part of the path; `''` where there is none. */
  readonly id: string;
}

/** Where the client reached us: `https://gateway.example:8400`. The Host header was judged before. */
export function ownOrigin({ gateway, exchange }: BrokerCall): string {
  return `${gateway.identity().isTls ? 'https' : 'http'}://${exchange.request.headers.host}`;
}
