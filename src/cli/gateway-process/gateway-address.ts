import type { Paths } from '../../config/paths.ts';
import type { GatewayConfig } from '../../config/schema.ts';
import { readRunningGateway } from '../../gateway/gateway-file.ts';

/** Where the gateway listens unless the config or a flag says otherwise. */
export const DEFAULT_PORT = 8400;

/** Where agents call: the running gateway's address, else the one it would have. */
export function gatewayUrl(paths: Paths, gateway: GatewayConfig): string {
  return readRunningGateway(paths)?.url ?? configuredUrl(gateway);
}

function configuredUrl({ host, port, tls }: GatewayConfig): string {
  const callable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const literal = callable.includes(':') && !callable.startsWith('[') ? `[${callable}]` : callable;
  return `${tls ? 'https' : 'http'}://${literal}:${port || DEFAULT_PORT}`;
}
