import { randomBytes } from 'node:crypto';
import { MoltbotError } from '../core/errors.ts';
import { withProcessLock } from '../core/process-lock.ts';
import type { Clock } from '../core/time.ts';
import { KeychainCalls, type KeychainEntry, type KeychainOptions } from './keychain-calls.ts';
import type { Vault, VaultCondition, VaultItem, VaultKey } from './vault.ts';
import { accountOf, keyOf, readItem, writeItem } from './vault-item.ts';

const SERVICE = 'moltbot';
/** The item that lists our accounts. It has no slash, so it is nobody's account. */
const INDEX = 'index';
const TRIAL = 'trial';
const TIME_LIMIT_MS = 15_000;

/**
 * The keychain of the system: macOS Keychain, Secret Service on Linux. One item per profile, service `moltbot`, account
 * `<agent>/<profile>`. What we have stored is listed in an item of its own, because searching the keychain for it crashes
 * the process when it is locked.
 */
export class KeychainVault implements Vault {
  readonly kind = 'keychain';
  readonly #calls: KeychainCalls;
  readonly #lockPath: string;
  readonly #reads = new Map<string, Promise<VaultItem | undefined>>();

  /** `lockPath`: a file in the state directory; changes of the index by several processes wait for each other there. */
  constructor(options: { lockPath: string } & Partial<KeychainOptions>) {
    this.#lockPath = options.lockPath;
    this.#calls = new KeychainCalls({
      env: options.env ?? process.env,
      clock: options.clock ?? (Date.now satisfies Clock),
      timeLimitMs: options.timeLimitMs ?? TIME_LIMIT_MS,
      platform: options.platform ?? process.platform,
      newEntry: options.newEntry ?? newNativeEntry,
    });
  }

  /** Callers that ask for the same item at the same time share one call. */
  get(key: VaultKey): Promise<VaultItem | undefined> {
    const account = accountOf(key);
    let read = this.#reads.get(account);
    if (!read) {
      read = this.#read(account).finally(() => {
        if (this.#reads.get(account) === read) this.#reads.delete(account);
      });
      this.#reads.set(account, read);
    }
    return read;
  }

  /** The index comes first: an account in it without an item does no harm, an item that it misses would be left behind. */
  async set(key: VaultKey, item: VaultItem): Promise<void> {
    const account = accountOf(key);
    await this.#changeIndex((accounts) => accounts.add(account));
    this.#reads.delete(account);
    const text = JSON.stringify(writeItem(item));
    await this.#calls.run(account, (entry, signal) => entry.setPassword(text, signal));
  }

  async delete(key: VaultKey): Promise<boolean> {
    const account = accountOf(key);
    this.#reads.delete(account);
    const wasThere = await this.#calls.run(account, (entry, signal) => entry.deletePassword(signal));
    await this.#changeIndex((accounts) => accounts.delete(account));
    return wasThere;
  }

  async has(key: VaultKey): Promise<boolean> {
    return (await this.get(key)) !== undefined;
  }

  async keys(): Promise<VaultKey[]> {
    const keys = [...(await this.#index())].sort().map(keyOf);
    const present = await Promise.all(keys.map((key) => this.has(key)));
    return keys.filter((_, index) => present[index]);
  }

  async condition(): Promise<{ condition: VaultCondition; detail: string }> {
    return this.#calls.probe();
  }

  /**
   * Stores, reads and deletes an item of no worth: a keychain that merely answers is not yet one that keeps things.
   * Fails with VAULT_LOCKED or VAULT_UNAVAILABLE.
   */
  async tryOut(): Promise<void> {
    const text = randomBytes(16).toString('hex');
    await this.#calls.run(TRIAL, (entry, signal) => entry.setPassword(text, signal));
    const read = await this.#calls.run(TRIAL, (entry, signal) => entry.getPassword(signal));
    await this.#calls.run(TRIAL, (entry, signal) => entry.deletePassword(signal));
    if (read === text) return;
    throw new MoltbotError('VAULT_UNAVAILABLE', 'The keychain does not give back what was stored in it.', {
      hint: 'Keep credentials in the encrypted file: moltbot onboard --vault file',
    });
  }

  async #read(account: string): Promise<VaultItem | undefined> {
    const text = await this.#calls.run(account, (entry, signal) => entry.getPassword(signal));
    if (text === null) return undefined;
    const item = readItem(parse(text));
    if (item) return item;
    throw new MoltbotError(
      'VAULT_DAMAGED',
      `The keychain item "${account}" of ${SERVICE} is not one that moltbot wrote.`,
      {
        hint: 'Enter that credential again with: moltbot models auth add',
      },
    );
  }

  async #index(): Promise<Set<string>> {
    const text = await this.#calls.run(INDEX, (entry, signal) => entry.getPassword(signal));
    const accounts = text === null ? [] : parse(text);
    // An index that somebody has edited is started anew; the items themselves are found by the profiles' records.
    return new Set(Array.isArray(accounts) ? accounts.filter((account) => typeof account === 'string') : []);
  }

  async #changeIndex(change: (accounts: Set<string>) => unknown): Promise<void> {
    await withProcessLock(this.#lockPath, async () => {
      const accounts = await this.#index();
      const before = accounts.size;
      change(accounts);
      if (accounts.size === before) return;
      const text = JSON.stringify([...accounts].sort());
      await this.#calls.run(INDEX, (entry, signal) => entry.setPassword(text, signal));
    });
  }
}

/**
 * The store is named because the library otherwise falls back to the kernel's keyring without saying so, where a
 * credential ends with the boot. Loaded when first needed: most commands never open the vault.
 */
async function newNativeEntry(account: string): Promise<KeychainEntry> {
  const { AsyncEntry } = await import('@napi-rs/keyring');
  return new AsyncEntry(SERVICE, account, { linux: { store: 'secret-service' } });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not ours; the caller says so
  }
}
