import { MoltbotError } from '../../core/errors.ts';
import { kindOfAddress, literalAddress } from '../../providers/addresses.ts';
import type { Dialect } from '../../providers/provider.ts';

/** Where a provider's requests go: worked out once per configuration, never from a request. */
export interface UpstreamBase {
  /** `https://api.anthropic.com`: scheme, host and port, nothing else. */
  readonly origin: string;
  /** What stands before the route's path: `/v1`, `/proxy/v1`. No slash at the end, may be empty. */
  readonly prefix: string;
}

/** Whether a URL's host is `localhost` or an address literal that is loopback or private. */
export function isPrivateHost(hostname: string): boolean {
  const address = literalAddress(hostname);
  return address !== undefined && kindOfAddress(address) === 'private';
}

/**
 * A base URL a person wrote, checked. @throws CONFIG_INVALID for another scheme, user info, query, fragment, control
 * characters, or `http:` to anything but a loopback or private literal. The text itself is not repeated: it may hold a
 * password.
 */
export function parseBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:\/\/[^\s\\]+$/i.test(text))
    throw badBaseUrl('is not a URL that starts with https:// or http://');
  if (url.username !== '' || url.password !== '' || text.slice(8).split('/')[0]!.includes('@')) {
    throw badBaseUrl('holds a user name or password');
  }
  if (/[?#]/.test(text)) throw badBaseUrl('has a query or a fragment');
  if (url.hostname.endsWith('.')) throw badBaseUrl('has a host that ends in a dot');
  if (url.protocol === 'http:' && !isPrivateHost(url.hostname)) {
    throw badBaseUrl(`sends keys to ${url.hostname} in the clear`);
  }
  return url;
}

/** The fixed origin and prefix of a base URL, by the rule of its dialect. @throws CONFIG_INVALID as `parseBaseUrl`. */
export function upstreamBase(dialect: Dialect, baseUrl: string): UpstreamBase {
  const url = parseBaseUrl(baseUrl);
  const path = url.pathname.replace(/\/+$/, '');
  const prefix = dialect === 'anthropic' ? `${path.replace(/\/v1$/, '')}/v1` : path === '' ? '/v1' : path;
  return { origin: url.origin, prefix };
}

/**
 * The path to ask of `base.origin`, from a path and query that `parseTarget` let through.
 * @throws BAD_TARGET should the result ever lead away from the prefix: the last line, not the first.
 */
export function upstreamPath(base: UpstreamBase, path: string, query: string): string {
  const below = `${base.prefix}/${path}`;
  if (below.startsWith('//') || /[\s\\#?]|\/\.{1,2}(?:\/|$)/.test(below) || /[\s\\#]/.test(query)) {
    throw new MoltbotError('BAD_TARGET', 'The request target leads away from the provider.', {
      hint: 'Send a plain path such as /v1/proxy/anthropic/v1/messages.',
    });
  }
  return below + query;
}

function badBaseUrl(what: string): MoltbotError {
  return new MoltbotError('CONFIG_INVALID', `The base URL ${what}.`, {
    hint: 'Use https://host/path; http:// is only for loopback and private addresses, for example http://127.0.0.1:11434/v1',
  });
}
