import type { Secret } from '../core/secret.ts';

/** What the vault keeps for one profile. A secret is only ever sent to the origin it was stored for. */
export interface VaultItem {
  readonly secret: Secret;
  /** `https://api.anthropic.com`: scheme, host and port. */
  readonly origin: string;
}

/** Which item: a profile of an agent. */
export interface VaultKey {
  readonly agentId: string;
  readonly profileId: string;
}

/** What can be said about a vault without asking the person anything and without reading a secret. */
export type VaultCondition = 'ready' | 'locked' | 'unavailable' | 'damaged';

export interface VaultAnswer {
  readonly condition: VaultCondition;
  readonly detail: string;
  readonly hint?: string | undefined;
}

/**
 * Where credentials rest. Absent, locked and unavailable are three different answers: `get` gives undefined only when
 * the vault is open and the item is not there; otherwise it throws VAULT_LOCKED, VAULT_UNAVAILABLE or VAULT_DAMAGED.
 * No implementation falls back to another.
 */
export interface Vault {
  readonly kind: 'keychain' | 'file' | 'memory';
  get(key: VaultKey): Promise<VaultItem | undefined>;
  set(key: VaultKey, item: VaultItem): Promise<void>;
  /** True when there was one. */
  delete(key: VaultKey): Promise<boolean>;
  has(key: VaultKey): Promise<boolean>;
  /** Every key the vault holds for us, for the start-up check and for `uninstall`. */
  keys(): Promise<VaultKey[]>;
  /** Never prompts, never unlocks, reads no secret. `hint`: what to type, where the vault knows it. */
  condition(): Promise<VaultAnswer>;
}
