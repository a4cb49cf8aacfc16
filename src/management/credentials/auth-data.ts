import * as v from 'valibot';
import { looksLikeCredential } from '../../config/path.ts';
import { MoltbotError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import { upstreamBase } from '../../gateway/target/upstream-target.ts';
import { kindOfAddress, literalAddress } from '../../providers/addresses.ts';
import type { CredentialType, Provider } from '../../providers/provider.ts';
import type { Caller } from '../server/caller.ts';

/** Of any provider we know; a shorter part may be a host that only begins like one. */
const SHORTEST_KEY = 23;

const secretText = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

/** A secret on its way in. It has no way out: no answer holds this shape. */
export const secretEntries = {
  api_key: v.optional(v.pipe(secretText, v.description('An API key.'))),
  token: v.optional(v.pipe(secretText, v.description('A Claude setup-token.'))),
};

export const baseUrlEntry = v.pipe(v.string(), v.regex(/^https?:\/\/.*/, 'Expected a URL'), v.maxLength(2048));

export interface AuthData {
  readonly api_key?: string | undefined;
  readonly token?: string | undefined;
  readonly base_url?: string | null | undefined;
}

/** Where a secret goes: null is the provider's own base URL. */
export interface Destination {
  readonly baseUrl: string | null;
  readonly base: { readonly origin: string; readonly prefix: string };
}

/** The one secret in it, of the form that its kind has. USAGE (400), never with a part of the secret in it. */
export function secretIn(provider: Provider, { api_key, token }: AuthData): { type: CredentialType; secret: Secret } {
  const text = api_key ?? token;
  if (text === undefined || (api_key !== undefined && token !== undefined))
    throw fault('needs api_key or token, one of them');
  const type = api_key === undefined ? 'token' : 'api_key';
  const kind = provider.credentials.find((each) => each.type === type);
  if (!kind) throw fault(`${type}: ${provider.displayName} takes none`);
  if (kind.pattern.test(text) && text.length >= kind.minimumLength) return { type, secret: new Secret(text) };
  throw fault(`${type}: it does not have the form of "${kind.label}", ${kind.sample}`);
}

/** Whether there is a secret in it at all. */
export function hasSecret({ api_key, token }: AuthData): boolean {
  return api_key !== undefined || token !== undefined;
}

/**
 * Where the secret is to go. Over TCP private addresses are refused unless that provider goes there already: whoever
 * holds an admin key elsewhere must not be able to look around in the gateway's network. USAGE (400).
 */
export function destinationOf(provider: Provider, baseUrl: string | null | undefined, via: Caller['via']): Destination {
  if (baseUrl === null || baseUrl === undefined)
    return { baseUrl: null, base: upstreamBase(provider.dialect, provider.defaultBaseUrl) };
  if (holdsCredential(baseUrl)) throw fault('base_url: there is a credential in it');
  const base = checkedBase(provider, baseUrl);
  const address = literalAddress(new URL(base.origin).hostname);
  const kind = address === undefined ? 'public' : kindOfAddress(address);
  if (kind === 'metadata') throw fault('base_url: that address is never a provider');
  const mayBePrivate =
    via === 'socket' || provider.allowPrivateNetwork || base.origin === new URL(provider.defaultBaseUrl).origin;
  if (kind === 'private' && !mayBePrivate) throw fault('base_url: private addresses are refused over TCP');
  return { baseUrl, base };
}

/** People paste in the wrong field; a base URL is shown again, in answers and in logs. */
function holdsCredential(baseUrl: string): boolean {
  const parts = baseUrl.split(/[/.:@?#&=]+/);
  return parts.some((part) => part.length >= SHORTEST_KEY && looksLikeCredential(part));
}

function checkedBase(provider: Provider, baseUrl: string): Destination['base'] {
  try {
    return upstreamBase(provider.dialect, baseUrl);
  } catch (error) {
    if (!(error instanceof MoltbotError)) throw error;
    throw fault(`base_url: ${error.message}`);
  }
}

function fault(what: string): MoltbotError {
  return new MoltbotError('USAGE', `auth_data ${what}${what.endsWith('.') ? '' : '.'}`);
}
