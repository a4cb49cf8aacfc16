import type { Vault, VaultItem, VaultKey } from './vault.ts';
import { accountOf, keyOf } from './vault-item.ts';

/** A vault that ends with the process: for tests, and for the demo, which keeps nothing. */
export class MemoryVault implements Vault {
  readonly kind = 'memory';
  readonly #items = new Map<string, VaultItem>();

  async get(key: VaultKey): Promise<VaultItem | undefined> {
    return this.#items.get(accountOf(key));
  }

  async set(key: VaultKey, item: VaultItem): Promise<void> {
    this.#items.set(accountOf(key), { secret: item.secret, origin: item.origin });
  }

  async delete(key: VaultKey): Promise<boolean> {
    return this.#items.delete(accountOf(key));
  }

  async has(key: VaultKey): Promise<boolean> {
    return this.#items.has(accountOf(key));
  }

  async keys(): Promise<VaultKey[]> {
    return [...this.#items.keys()].sort().map(keyOf);
  }

  async condition(): Promise<{ condition: 'ready'; detail: string }> {
    return { condition: 'ready', detail: 'in memory' };
  }
}
