import { MoltbotError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import type { Credentials } from '../../profiles/credentials.ts';
import type { CredentialHeader } from '../../providers/provider.ts';
import { Redactor } from '../stream/redactor.ts';
import type { ServingProfile } from './roster.ts';

/** A credential ready for use: the one header it becomes, and what takes it out of answers. */
export interface HeldCredential {
  readonly header: CredentialHeader | undefined;
  readonly secret: Secret | undefined;
  readonly redactor: Redactor;
}

const NO_CREDENTIAL: HeldCredential = { header: undefined, secret: undefined, redactor: new Redactor([]) };

/**
 * Secrets, read from the vault once and kept in memory: a keychain that locks again later stops nothing. A replaced
 * credential has a new generation and is read anew; requests under way go on with the one they hold.
 */
export class HeldCredentials {
  readonly #read: Credentials['read'];
  readonly #environmentKeyOf: (providerId: string) => string | undefined;
  readonly #held = new Map<string, { generation: number; origin: string; credential: HeldCredential }>();

  constructor(sources: {
    read: Credentials['read'];
    environmentKeyOf: (providerId: string) => string | undefined;
  }) {
    this.#read = sources.read;
    this.#environmentKeyOf = sources.environmentKeyOf;
  }

  /**
   * Undefined when the vault is open and the secret is not there (or was stored for another origin).
   * Throws VAULT_LOCKED, VAULT_UNAVAILABLE or VAULT_DAMAGED.
   */
  async get(profile: ServingProfile): Promise<HeldCredential | undefined> {
    if (profile.source === 'none') return NO_CREDENTIAL;
    const key = `${profile.agentId}/${profile.profileId}`;
    const held = this.#held.get(key);
    const { generation, base } = profile;
    // A record that leads elsewhere now gets nothing from memory: the vault knows what the secret was stored for.
    if (held?.generation === generation && held.origin === base.origin) return held.credential;
    const secret = profile.source === 'env' ? this.#fromEnvironment(profile) : await this.#fromVault(profile);
    if (!secret) return undefined;
    const credential = { header: headerOf(profile, secret), secret, redactor: new Redactor([secret]) };
    this.#held.set(key, { generation, origin: base.origin, credential });
    return credential;
  }

  #fromEnvironment(profile: ServingProfile): Secret | undefined {
    const value = this.#environmentKeyOf(profile.provider.id);
    return value ? new Secret(value) : undefined;
  }

  async #fromVault(profile: ServingProfile): Promise<Secret | undefined> {
    const reading = await this.#read(profile.agentId, profile.profileId, profile.base.origin);
    if (reading.status !== 'ok') return undefined;
    // Replaced between the roster's reading and ours: the next request sees the new generation.
    return reading.secret;
  }
}

function headerOf(profile: ServingProfile, secret: Secret): CredentialHeader {
  if (!/^[\x21-\x7e]+$/.test(secret.reveal())) {
    throw new MoltbotError('NO_CREDENTIALS', `The credential of profile "${profile.id}" cannot be sent in a header.`, {
      hint: `Paste it again: moltbot models auth paste-api-key --provider ${profile.provider.id}`,
    });
  }
  return profile.style === 'x-api-key'
    ? ['x-api-key', secret]
    : ['authorization', new Secret(`Bearer ${secret.reveal()}`)];
}
