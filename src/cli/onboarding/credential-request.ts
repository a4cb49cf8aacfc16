import { MoltbotError } from '../../core/errors.ts';
import { parseProfileId } from '../../core/ids.ts';
import type { Secret } from '../../core/secret.ts';
import { printable } from '../../core/text.ts';
import { DAY_MS, parseDuration } from '../../core/time.ts';
import { upstreamBase } from '../../gateway/target/upstream-target.ts';
import type { CredentialType, Provider } from '../../providers/provider.ts';

/** A credential that somebody wants stored, as far as it is known before the secret is looked at. */
export interface CredentialPlace {
  readonly agentId: string;
  readonly provider: Provider;
  readonly type: CredentialType;
  readonly profileId: string;
  /** Undefined: what an earlier profile of that id has, else the provider's own. */
  readonly baseUrl: string | undefined;
  /** Undefined: an API key does not expire, a setup-token is assumed to live for a year. */
  readonly expiresInMs: number | undefined;
}

/** Its form has been checked. */
export interface CredentialRequest extends CredentialPlace {
  readonly secret: Secret;
}

/** What a person may say about a place; the rest has defaults. */
export interface PlaceOptions {
  readonly 'profile-id'?: string | undefined;
  readonly 'base-url'?: string | undefined;
  readonly 'expires-in'?: string | undefined;
}

const LONGEST_EXPIRY_MS = 3650 * DAY_MS;

/** Checks all that can be checked before the secret is asked for. Fails with USAGE. */
export function placeOf(
  agentId: string,
  provider: Provider,
  type: CredentialType,
  options: PlaceOptions,
): CredentialPlace {
  const profileId = options['profile-id'] ?? `${provider.id}:${type === 'token' ? 'manual' : 'default'}`;
  const named = parseProfileId(profileId);
  if (named.provider !== provider.id) throw otherProvider(profileId, named.provider, provider);
  if (named.name === 'env' || named.name === 'none') throw reservedName(profileId, provider);
  const baseUrl = options['base-url'];
  if (baseUrl !== undefined) assertBaseUrl(provider, baseUrl);
  return { agentId, provider, type, profileId, baseUrl, expiresInMs: expiryOf(options['expires-in']) };
}

/** A base URL that was typed: wrong ones are a mistake of usage, not of the configuration. */
export function assertBaseUrl(provider: Provider, baseUrl: string): void {
  try {
    upstreamBase(provider.dialect, baseUrl);
  } catch (error) {
    if (!(error instanceof MoltbotError)) throw error;
    throw new MoltbotError('USAGE', error.message, { ...(error.hint && { hint: error.hint }), cause: error });
  }
}

function expiryOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined && ms <= LONGEST_EXPIRY_MS) return ms;
  throw new MoltbotError('USAGE', `"${printable(text)}" is not a time until expiry.`, {
    hint: 'Say it as a number with s, m, h or d, at most ten years, for example: --expires-in 365d',
  });
}

function otherProvider(profileId: string, named: string, provider: Provider): MoltbotError {
  return new MoltbotError(
    'USAGE',
    `The profile id "${profileId}" names ${named}, the credential is for ${provider.id}.`,
    {
      hint: `Start it with the provider: --profile-id ${provider.id}:${profileId.split(':')[1]}`,
    },
  );
}

function reservedName(profileId: string, provider: Provider): MoltbotError {
  return new MoltbotError('USAGE', `The profile id "${profileId}" stands for what is not stored.`, {
    hint: `Choose another name, for example: --profile-id ${provider.id}:work`,
  });
}
