import type { HeaderValue } from '../config/schema.ts';
import { isRefusedInSettings } from './header-names.ts';

/**
 * What is wrong with a header a person sets (`models.providers.X.headers`, `params.headers`), as the end of a sentence;
 * undefined when nothing is. Credentials, cookies, framing, hop-by-hop and our own names are the gateway's.
 */
export function settingHeaderMistake(name: string, value: HeaderValue): string | undefined {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return 'is not a header name';
  if (isRefusedInSettings(name.toLowerCase())) return 'is set by the gateway itself';
  return isPlainText(settingText(value)) ? undefined : 'has a value that is not plain text';
}

export function settingText(value: HeaderValue): string {
  return typeof value === 'string' ? value : value.replace;
}

/** Also asked when a request is made: a `${VAR}` shows its text only then. */
export function isPlainText(text: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(text);
}
