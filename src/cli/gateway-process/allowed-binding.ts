import { BlockList, isIP } from 'node:net';
import type { GatewayConfig } from '../../config/schema.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Beyond loopback a listener opens only where a person said both who may call it and what protects the way: allowed
 * hosts (those of the proxy or of the management API), and TLS or a trusted overlay network. Fails with CONFIG_INVALID.
 */
export function assertAllowedBinding(
  host: string,
  gateway: GatewayConfig,
  { key, allowedHosts } = { key: 'gateway.allowedHosts', allowedHosts: gateway.allowedHosts },
): void {
  if (isLoopback(host)) return;
  const missing = [
    ...(allowedHosts.length === 0 ? [key] : []),
    ...(gateway.tls || gateway.trustedOverlay ? [] : ['gateway.tls or gateway.trustedOverlay']),
  ];
  if (missing.length === 0) return;
  throw new MoltbotError(
    'CONFIG_INVALID',
    `The gateway does not listen on ${printable(host)}, beyond this machine, without ${missing.join(' and ')}.`,
    { hint: 'Name the hosts and the protection first: moltbot config edit, or listen on 127.0.0.1' },
  );
}

function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  const family = isIP(bare);
  return family !== 0 && LOOPBACK.check(bare, family === 6 ? 'ipv6' : 'ipv4');
}
