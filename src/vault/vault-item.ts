import { Secret } from '../core/secret.ts';
import type { VaultItem, VaultKey } from './vault.ts';

/** `main/anthropic:default`: how both kinds of vault name an item. */
export function accountOf(key: VaultKey): string {
  return `${key.agentId}/${key.profileId}`;
}

export function keyOf(account: string): VaultKey {
  const slash = account.indexOf('/');
  return { agentId: account.slice(0, slash), profileId: account.slice(slash + 1) };
}

/** The item as both kinds write it: the one place where a secret becomes text on its way into a vault. */
export function writeItem(item: VaultItem): { secret: string; origin: string } {
  return { secret: item.secret.reveal(), origin: item.origin };
}

/** What `writeItem` gave, read back; undefined when it is something else. */
export function readItem(value: unknown): VaultItem | undefined {
  if (typeof value !== 'object' || value === null || !('secret' in value) || !('origin' in value)) return undefined;
  if (typeof value.secret !== 'string' || typeof value.origin !== 'string') return undefined;
  return { secret: new Secret(value.secret), origin: value.origin };
}
