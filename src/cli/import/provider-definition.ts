import { isProviderId } from '../../core/ids.ts';
import { printable } from '../../core/text.ts';
import type { Find } from './find.ts';

/** What to type so that the key of another vendor can be brought by the next run. */
export function providerDefinition({ provider, baseUrl }: Find): string {
  const slug = provider
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const name = isProviderId(slug) ? slug : '<name>';
  return `Define it, then import again: moltbot backend add ${name} --base-url ${shownUrl(baseUrl)}`;
}

/** A URL without what could be a password in it. */
function shownUrl(url: string | undefined): string {
  if (url === undefined || !URL.canParse(url)) return '<url>';
  const { origin, pathname } = new URL(url);
  return origin === 'null' ? '<url>' : printable(`${origin}${pathname.replace(/\/$/, '')}`);
}
