import { createHash } from 'node:crypto';
import type { CredentialType } from '../providers/provider.ts';
import type { Family } from './script-schema.ts';

export interface IssuedKey {
  readonly provider: Family;
  readonly name: string;
  readonly type: CredentialType;
  /** The key itself. It opens nothing but a simulator, so it may be printed. */
  readonly key: string;
  readonly fingerprint: string;
}

/** First 16 hex digits of the SHA-256: what records hold in place of a credential. */
export function fingerprintOf(credential: string): string {
  return createHash('sha256').update(credential).digest('hex').slice(0, 16);
}

/**
 * Keys follow from provider, type and name alone, so a simulator that was restarted still knows the keys that a person
 * has stored.
 */
export function makeKey(provider: Family, name: string, type: CredentialType): IssuedKey {
  const digest = createHash('sha512').update(`${provider}/${type}/${name}`).digest('base64url');
  const key = `${prefixOf(provider, type)}${type === 'token' ? digest : digest.slice(0, 40)}`;
  return { provider, name, type, key, fingerprint: fingerprintOf(key) };
}

function prefixOf(provider: Family, type: CredentialType): string {
  if (provider === 'anthropic') return type === 'token' ? 'sk-ant-oat01-sim-' : 'sk-ant-sim-';
  return provider === 'xai' ? 'xai-sim-' : 'sk-sim-';
}
