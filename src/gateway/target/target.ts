import { MoltbotError } from '../../core/errors.ts';
import { isProviderId } from '../../core/ids.ts';

export interface ProxyTarget {
  readonly kind: 'proxy';
  readonly provider: string;
  /** Below the provider, without leading `v1/`: `messages`, `models/claude-x`; `''` for the prefix itself. */
  readonly path: string;
  /** With its `?`, or `''`. */
  readonly query: string;
}

/** A request target, judged once, on the raw text: what is authorised from it is what is forwarded. */
export type Target = ProxyTarget | { readonly kind: 'own'; readonly path: string; readonly query: string };

const PREFIX = '/v1/proxy/';
const MAXIMUM_LENGTH = 8192;

/**
 * What a path may be made of (RFC 3986 `pchar` without `@`). Percent escapes are let through only for the marks that
 * URL libraries escape in ids (`ft:gpt` → `ft%3Agpt`): never for a letter, dot, slash, backslash, `@`, `%` or a control
 * character, so that no two spellings of one path exist.
 */
const PATH = /^\/(?:[A-Za-z0-9._~!$&'()*+,;=:/-]|%(?:2[146-9A-Ca-c]|3[AaBbDd]))*$/;
const QUERY = /^(?:\?[!"$-[\]-~]*)?$/;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;

/**
 * Reads the raw target (`req.url`). @throws BAD_TARGET for absolute-form, dot segments, `//`, encoded separators,
 * backslashes, `@`, NUL, control characters, needless escapes, fragments; PROVIDER_NOT_FOUND for an impossible id.
 */
export function parseTarget(raw: string): Target {
  if (raw.length > MAXIMUM_LENGTH) throw badTarget('is too long');
  const mark = raw.indexOf('?');
  const path = mark < 0 ? raw : raw.slice(0, mark);
  const query = mark < 0 ? '' : raw.slice(mark);
  if (!PATH.test(path)) throw badTarget('has a character or an escape that a path may not have');
  if (path.includes('//') || DOT_SEGMENT.test(path)) throw badTarget('has an empty or a dot segment');
  if (!QUERY.test(query)) throw badTarget('has a character that a query may not have');
  return path.startsWith(PREFIX) ? proxyTarget(path, query) : { kind: 'own', path, query };
}

function proxyTarget(path: string, query: string): ProxyTarget {
  const slash = path.indexOf('/', PREFIX.length);
  const provider = slash < 0 ? path.slice(PREFIX.length) : path.slice(PREFIX.length, slash);
  if (!isProviderId(provider)) {
    throw new MoltbotError('PROVIDER_NOT_FOUND', 'The path names no provider.', {
      hint: 'Set the base URL to …/v1/proxy/anthropic (or xai, openai).',
    });
  }
  return { kind: 'proxy', provider, path: withoutVersion(slash < 0 ? '' : path.slice(slash + 1)), query };
}

/** Clients disagree about who adds `/v1`: none, one and two of them mean the same. */
function withoutVersion(path: string): string {
  if (!path.startsWith('v1/')) return path === 'v1' ? '' : path;
  return path.startsWith('v1/', 3) ? path.slice(6) : path.slice(3);
}

function badTarget(what: string): MoltbotError {
  return new MoltbotError('BAD_TARGET', `The request target ${what}.`, {
    hint: 'Send a plain path such as /v1/proxy/anthropic/v1/messages.',
  });
}
