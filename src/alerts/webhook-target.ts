import { MoltbotError } from '../core/errors.ts';
import { kindOfAddress, literalAddress } from '../providers/addresses.ts';

/** Where a webhook is. The path may be a secret (many services put one there): only the origin is ever shown. */
export interface WebhookTarget {
  readonly origin: string;
  readonly path: string;
}

/**
 * Takes a webhook's URL apart. CONFIG_INVALID for one that is not https or names a user; ADDRESS_NOT_ALLOWED for an
 * address that is private (unless that is allowed) or of a machine's metadata. Names are judged when they are resolved.
 */
export function webhookTarget(text: string, allowPrivateNetwork: boolean): WebhookTarget {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:') throw invalid('is no URL that starts with https://');
  if (url.username || url.password) throw invalid('has a user name or a password in it');
  const literal = literalAddress(url.hostname);
  const kind = literal ? kindOfAddress(literal) : 'public';
  if (kind === 'metadata' || (kind === 'private' && !allowPrivateNetwork)) throw notAllowed(url.origin, kind);
  return { origin: url.origin, path: `${url.pathname}${url.search}` };
}

function invalid(what: string): MoltbotError {
  return new MoltbotError('CONFIG_INVALID', `The webhook in alerts.webhook.url ${what}.`, {
    hint: 'Correct it: moltbot config set alerts.webhook.url https://…',
  });
}

function notAllowed(origin: string, kind: 'private' | 'metadata'): MoltbotError {
  if (kind === 'metadata')
    return new MoltbotError('ADDRESS_NOT_ALLOWED', `The webhook at ${origin} is a machine metadata address.`, {
      hint: 'Set another one: moltbot config set alerts.webhook.url https://…',
    });
  return new MoltbotError('ADDRESS_NOT_ALLOWED', `The webhook at ${origin} is a private address.`, {
    hint: 'If it is meant: moltbot config set alerts.webhook.allowPrivateNetwork true',
  });
}
