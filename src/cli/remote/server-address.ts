import { isIP } from 'node:net';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { kindOfAddress, literalAddress } from '../../providers/addresses.ts';

/** A gateway elsewhere. */
export interface ServerAddress {
  /** Scheme, host and port: `https://gateway.example:8400`. */
  readonly url: string;
  readonly isTls: boolean;
  /** Without the brackets of an IPv6 literal. */
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `--server`. `https:` only; `http:` where the host is written as an address of this machine, or, when `plainHttp`
 * says that something else protects the way, as a private one (an overlay network). USAGE.
 */
export function parseServer(text: string, plainHttp: boolean): ServerAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.protocol === 'http:';
  if (!url || (url.protocol !== 'https:' && !isPlain)) throw notAServer(text);
  if (url.username || url.password || url.search || url.hash || url.pathname !== '/') throw notAServer(text);
  if (isPlain && !mayBePlain(url.hostname, plainHttp)) throw notProtected(url.host);
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  return { url: url.origin, isTls: !isPlain, host, port: Number(url.port || (isPlain ? 80 : 443)) };
}

/** The name for the handshake; addresses have none (RFC 6066, section 3). */
export function serverNameOf({ host }: ServerAddress): string | undefined {
  return isIP(host) ? undefined : host;
}

function mayBePlain(hostname: string, plainHttp: boolean): boolean {
  const address = literalAddress(hostname);
  if (address === undefined) return false;
  if (address === '::1' || address.startsWith('127.')) return true;
  return plainHttp && kindOfAddress(address) === 'private';
}

function notAServer(text: string): MoltbotError {
  // Who writes a password into a URL does not want to read it again.
  const shown = text.replace(/^(https?:\/\/)?.*@/is, '$1…@').slice(0, 100);
  return new MoltbotError('USAGE', `"${printable(shown)}" is not the address of a gateway.`, {
    hint: 'Give scheme, host and port, for example: --server https://gateway.example:8400',
  });
}

function notProtected(host: string): MoltbotError {
  return new MoltbotError('USAGE', `Without TLS the agent key would cross the network to ${host} in the clear.`, {
    hint: 'Use https://, or for a private address inside an overlay network that encrypts: --plain-http',
  });
}
