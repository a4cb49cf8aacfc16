import { headersOf, type RawHeaders } from './raw-headers.ts';

/** Longer than any credential a client could mean; what is longer is not one of ours and is not looked at. */
const LONGEST_TOKEN = 512;
const VISIBLE_ASCII = /^[!-~]+$/;

/**
 * What a client offers as its credential: the value of `authorization: Bearer` and of `x-api-key`, at most one of
 * each, equal ones once. Junk (another scheme, non-ASCII, endless values) is left out: it is no token of ours, and
 * clients do send junk in one header beside the token in the other.
 */
export function presentedTokens(raw: RawHeaders): readonly string[] {
  const found: string[] = [];
  for (const value of headersOf(raw, 'authorization')) {
    const match = /^bearer[ \t]+/i.exec(value);
    if (match) keep(found, value.slice(match[0].length));
  }
  for (const value of headersOf(raw, 'x-api-key')) keep(found, value);
  return found;
}

function keep(found: string[], value: string): void {
  if (value.length > LONGEST_TOKEN) return;
  const token = value.trim();
  if (VISIBLE_ASCII.test(token) && !found.includes(token)) found.push(token);
}
