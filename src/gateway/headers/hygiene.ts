import { MoltbotError } from '../../core/errors.ts';
import type { Route } from '../../providers/provider.ts';
import { headerOf, headersOf, isName, type RawHeaders } from './raw-headers.ts';

/** What a listener answers to. */
export interface ListenerIdentity {
  readonly port: number;
  readonly isTls: boolean;
  /** Lower-case host names beside the loopback ones, without port. */
  readonly allowedHosts: ReadonlySet<string>;
  /** The key of the config that names them, for whoever is refused. */
  readonly setting: string;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
/** Two of one of these is an attempt to be read in two ways. */
// biome-ignore format: a list reads better in lines
const SINGLE = [
  'content-length', 'transfer-encoding', 'content-type', 'content-encoding', 'x-api-key', 'origin', 'sec-fetch-site',
];

/**
 * The checks that every request to every listener passes before anything else is done with it, on the raw headers.
 * @throws METHOD_NOT_ALLOWED, BAD_REQUEST, AMBIGUOUS_CREDENTIALS, HOST_NOT_ALLOWED, ORIGIN_NOT_ALLOWED.
 */
export function checkHygiene(method: string, raw: RawHeaders, listener: ListenerIdentity): void {
  if (!METHODS.has(method)) throw methodNotServed();
  checkHost(raw, listener);
  checkFraming(raw);
  checkOrigin(raw, listener);
}

/**
 * Whether a body's type is one this route takes. An absent body needs none.
 * @throws WRONG_CONTENT_TYPE; BAD_REQUEST for a body on a route without one.
 */
export function checkContentType(raw: RawHeaders, kind: Route['body'] | 'form'): void {
  if (!hasBody(raw)) return;
  if (kind === 'none') throw badRequest('This route takes no body.');
  const { pattern, name } = kind === 'upload' || kind === 'form' ? BODY_TYPES[kind] : BODY_TYPES.json;
  if (pattern.test(headerOf(raw, 'content-type') ?? '')) return;
  throw new MoltbotError('WRONG_CONTENT_TYPE', `This route takes a body of type ${name}.`, {
    hint: `Send "content-type: ${name}".`,
  });
}

/** Texts in UTF-8: another charset would show us other text than the provider. */
const BODY_TYPES = {
  json: { pattern: textType('application/json'), name: 'application/json' },
  form: { pattern: textType('application/x-www-form-urlencoded'), name: 'application/x-www-form-urlencoded' },
  upload: { pattern: /^multipart\/form-data[ \t]*;/i, name: 'multipart/form-data' },
} as const;

function textType(name: string): RegExp {
  return new RegExp(`^${name}[ \\t]*(?:;[ \\t]*charset[ \\t]*=[ \\t]*"?utf-?8"?[ \\t]*)?;?$`, 'i');
}

/** Whether the request announces a body. */
export function hasBody(raw: RawHeaders): boolean {
  if (headerOf(raw, 'transfer-encoding') !== undefined) return true;
  const length = headerOf(raw, 'content-length');
  return length !== undefined && !/^0+$/.test(length.trim());
}

function checkHost(raw: RawHeaders, listener: ListenerIdentity): void {
  const hosts = headersOf(raw, 'host');
  if (hosts.length !== 1) throw badRequest('A request needs exactly one Host header.');
  if (isOwnHost(hosts[0]!, listener)) return;
  throw new MoltbotError('HOST_NOT_ALLOWED', 'This gateway does not answer to that host name.', {
    hint: `Use 127.0.0.1, or add the name to ${listener.setting}.`,
  });
}

/** `name` or `name:port` with our port; names are compared as they are, so a trailing dot is another name. */
function isOwnHost(host: string, listener: ListenerIdentity): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(host);
  if (!match) return false;
  const name = match[1]!.toLowerCase();
  const isOwnPort = match[2] === undefined || match[2] === String(listener.port);
  return isOwnPort && (LOOPBACK.has(name) || listener.allowedHosts.has(name));
}

function checkFraming(raw: RawHeaders): void {
  for (const name of SINGLE) {
    if (headersOf(raw, name).length > 1) throw badRequest(`The header ${name} is sent more than once.`);
  }
  if (headersOf(raw, 'authorization').length > 1) {
    throw new MoltbotError('AMBIGUOUS_CREDENTIALS', 'The header authorization is sent more than once.', {
      hint: 'Send one access token.',
    });
  }
  const length = headerOf(raw, 'content-length');
  const encoding = headerOf(raw, 'transfer-encoding');
  if (length !== undefined && encoding !== undefined) throw badRequest('The body has two lengths.');
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw badRequest('The content-length is no number.');
  if (encoding !== undefined && !isName(encoding, 'chunked')) throw badRequest('The transfer-encoding is not chunked.');
}

/** Browsers say where a request comes from; what comes from another site is refused. Silence proves nothing. */
function checkOrigin(raw: RawHeaders, listener: ListenerIdentity): void {
  const site = headerOf(raw, 'sec-fetch-site');
  const origin = headerOf(raw, 'origin');
  const isForeignSite = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (!isForeignSite && (origin === undefined || isOwnOrigin(origin, listener))) return;
  throw new MoltbotError('ORIGIN_NOT_ALLOWED', 'Requests from a web page of another origin are not served.', {
    hint: 'Call the gateway from a program, not from a page.',
  });
}

function isOwnOrigin(origin: string, listener: ListenerIdentity): boolean {
  const scheme = listener.isTls ? 'https://' : 'http://';
  const isDefaultPort = listener.port === (listener.isTls ? 443 : 80);
  if (!origin.startsWith(scheme)) return false;
  const host = origin.slice(scheme.length);
  return (isDefaultPort || host.endsWith(`:${listener.port}`)) && isOwnHost(host, listener);
}

function methodNotServed(): MoltbotError {
  return new MoltbotError('METHOD_NOT_ALLOWED', 'This method is not served.', {
    hint: `Use one of ${[...METHODS].join(', ')}.`,
  });
}

function badRequest(message: string): MoltbotError {
  return new MoltbotError('BAD_REQUEST', message, { hint: 'Send one well-formed HTTP request.' });
}
