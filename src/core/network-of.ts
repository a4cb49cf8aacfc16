import { isIPv6 } from 'node:net';

/**
 * Who is counted as one: an IPv4 address by itself, IPv6 addresses by their first 64 bits, because one machine is given
 * all the others (RFC 4291, section 2.5.4). What is no address stays as it is.
 */
export function networkOf(address: string): string {
  const [plain = ''] = address.split('%'); // without a zone
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(plain)) return address;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
