import { BlockList, isIP } from 'node:net';

/** Where clouds serve machine credentials: never a provider, whatever a setting says. */
const METADATA = new BlockList();
METADATA.addAddress('169.254.169.254');
METADATA.addAddress('169.254.170.2');
METADATA.addAddress('169.254.169.253');
METADATA.addAddress('100.100.100.200');
METADATA.addAddress('168.63.129.16');
METADATA.addAddress('fd00:ec2::254', 'ipv6');

/** RFC 1918, 5735, 6598, 4193, 4291: addresses that are not on the public internet. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(network, prefix);
}
for (const [network, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv6');
}

export type AddressKind = 'public' | 'private' | 'metadata';

/**
 * What an IP address is. An IPv4 address inside IPv6 (`::ffff:10.0.0.1`) is judged as the IPv4 address; one behind a
 * NAT64 gateway (`64:ff9b::a00:1`, RFC 6052) never as better than private.
 */
export function kindOfAddress(address: string): AddressKind {
  if (/^64:ff9b::/i.test(address))
    return kindOf(address.replace(/^64:ff9b::/i, '::ffff:')) === 'metadata' ? 'metadata' : 'private';
  return kindOf(address);
}

function kindOf(address: string): AddressKind {
  const plain = withoutMapping(address);
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
  if (METADATA.check(plain, family)) return 'metadata';
  return PRIVATE.check(plain, family) ? 'private' : 'public';
}

/** The address a URL's host is written as, or undefined for a name. `localhost` counts as the loopback literal. */
export function literalAddress(hostname: string): string | undefined {
  if (hostname === 'localhost') return '127.0.0.1';
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(bare) ? bare : undefined;
}

function withoutMapping(address: string): string {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (dotted) return dotted;
  const hex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address);
  if (!hex) return address;
  const value = Number.parseInt(hex[1]!, 16) * 65_536 + Number.parseInt(hex[2]!, 16);
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
}
