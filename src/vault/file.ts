import { isMoltbotError, MoltbotError } from '../core/errors.ts';
import { withProcessLock } from '../core/process-lock.ts';
import type { Secret } from '../core/secret.ts';
import { looksLikeAge, open, seal } from './age-box.ts';
import { createIdentity, type FileIdentity, loadIdentity } from './age-identity.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';
import type { Vault, VaultAnswer, VaultCondition, VaultItem, VaultKey } from './vault.ts';
import { accountOf, keyOf, readItem, writeItem } from './vault-item.ts';

type Items = ReadonlyMap<string, VaultItem>;

/**
 * `vault.age`: all items as JSON in one file of the age format, so that `age -d -i <key file> vault.age` shows them
 * without this program. Opened once and then held, read again when another process has replaced it, written whole or not
 * at all, and never written when it could not be read.
 */
export class FileVault implements Vault {
  readonly kind = 'file';
  readonly #path: string;
  readonly #source: FileIdentity;
  #identity: Secret | undefined;
  #held: { readonly stamp: string; readonly items: Items } | undefined;
  #opening: Promise<Items> | undefined;

  constructor(options: { path: string; identity: FileIdentity }) {
    this.#path = options.path;
    this.#source = options.identity;
  }

  async get(key: VaultKey): Promise<VaultItem | undefined> {
    return (await this.#items()).get(accountOf(key));
  }

  set(key: VaultKey, item: VaultItem): Promise<void> {
    return this.#change(async (items) => {
      items.set(accountOf(key), { secret: item.secret, origin: item.origin });
    });
  }

  async delete(key: VaultKey): Promise<boolean> {
    if (!(await this.has(key))) return false;
    let wasThere = false;
    await this.#change(async (items) => {
      wasThere = items.delete(accountOf(key));
    });
    return wasThere;
  }

  async has(key: VaultKey): Promise<boolean> {
    return (await this.#items()).has(accountOf(key));
  }

  async keys(): Promise<VaultKey[]> {
    return [...(await this.#items()).keys()].sort().map(keyOf);
  }

  /** Looks at what lies there and opens nothing: a key that does not fit shows at the first read. */
  async condition(): Promise<VaultAnswer> {
    try {
      return await this.#look();
    } catch (error) {
      if (!isMoltbotError(error)) throw error;
      return { condition: conditionOf(error), detail: error.message, hint: error.hint };
    }
  }

  /** The items, from memory while the file is the one that was read. Callers at the same time share one opening. */
  #items(): Promise<Items> {
    if (this.#opening) return this.#opening;
    const opening = this.#load().finally(() => {
      if (this.#opening === opening) this.#opening = undefined;
    });
    this.#opening = opening;
    return opening;
  }

  async #load(): Promise<Items> {
    const file = await readPrivateFile(this.#path, { followLinks: false });
    if (!file) return this.#absent();
    if (this.#held?.stamp === file.stamp) return this.#held.items;
    if (!looksLikeAge(file.bytes)) throw this.#damaged();
    const opened = await open(file.bytes, await this.#identityOf());
    if (opened.status === 'other key') throw this.#otherKey();
    const items = opened.status === 'open' ? parseItems(opened.text) : undefined;
    if (!items) throw this.#damaged();
    this.#held = { stamp: file.stamp, items };
    return items;
  }

  /** No file is an empty vault, unless there was one a moment ago. */
  #absent(): Items {
    if (!this.#held) return new Map();
    throw new MoltbotError('VAULT_UNAVAILABLE', `The vault ${this.#path} is gone.`, {
      hint: `Bring it back to ${this.#path}; without it the credentials have to be entered again.`,
    });
  }

  /** Reads, changes and writes under the lock of all processes, so that two writers cannot lose an item. */
  async #change(change: (items: Map<string, VaultItem>) => Promise<void>): Promise<void> {
    await withProcessLock(`${this.#path}.lock`, async () => {
      // Not `#items()`: an opening that began before the lock was held may be of the file as it was.
      const items = new Map(await this.#load());
      await change(items);
      const identity = await this.#identityForWriting();
      await writePrivateFile(this.#path, await seal(formatItems(items), identity));
      // One that is still under way may be of the file as it was.
      this.#opening = undefined;
    });
  }

  /** The identity of the vault that exists. */
  async #identityOf(): Promise<Secret> {
    this.#identity ??= await loadIdentity(this.#source);
    if (this.#identity) return this.#identity;
    throw this.#keyMissing();
  }

  /** A new identity is made only where there is no vault yet: another one would never open it. */
  async #identityForWriting(): Promise<Secret> {
    this.#identity ??= await loadIdentity(this.#source);
    if (this.#identity) return this.#identity;
    if (await readPrivateFile(this.#path, { followLinks: false })) return this.#identityOf();
    this.#identity = await createIdentity(this.#source);
    return this.#identity;
  }

  async #look(): Promise<VaultAnswer> {
    const file = await readPrivateFile(this.#path, { followLinks: false });
    if (!file) {
      this.#absent();
      return { condition: 'ready', detail: `${this.#path} is made with the first credential` };
    }
    if (!looksLikeAge(file.bytes)) throw this.#damaged();
    if (this.#held?.stamp === file.stamp) return { condition: 'ready', detail: `${this.#path} is open` };
    if (!this.#identity && !(await readPrivateFile(this.#source.path, { followLinks: true }))) throw this.#keyMissing();
    if (this.#source.kind === 'passphrase' && !this.#identity) return this.#lookAtPassphrase(this.#source.atHand);
    return { condition: 'ready', detail: `${this.#path} opens with ${this.#source.path}` };
  }

  #lookAtPassphrase(atHand: boolean): VaultAnswer {
    if (atHand) return { condition: 'ready', detail: `${this.#path} opens with MOLTBOT_VAULT_PASSPHRASE_FILE` };
    const hint = 'Run the command in a terminal, or set MOLTBOT_VAULT_PASSPHRASE_FILE to a file (0600) that holds it.';
    return { condition: 'locked', detail: `${this.#path} needs its passphrase`, hint };
  }

  #damaged(): MoltbotError {
    return new MoltbotError('VAULT_DAMAGED', `The vault ${this.#path} is damaged and was left as it is.`, {
      hint: `Bring it back from a backup, or move it away (mv ${this.#path} ${this.#path}.damaged) and enter the credentials again.`,
    });
  }

  #keyMissing(): MoltbotError {
    const { kind, path } = this.#source;
    return new MoltbotError('VAULT_LOCKED', `The vault ${this.#path} cannot be opened: ${path} is missing.`, {
      hint: `Bring ${path} back${kind === 'key file' ? ', or set MOLTBOT_VAULT_KEY_FILE to where it is' : ''}.`,
    });
  }

  #otherKey(): MoltbotError {
    return new MoltbotError(
      'VAULT_LOCKED',
      `The vault ${this.#path} was sealed for another key than ${this.#source.path}.`,
      {
        hint: `Bring the key file it was made with back to ${this.#source.path}.`,
      },
    );
  }
}

function conditionOf(error: MoltbotError): VaultCondition {
  if (error.code === 'VAULT_DAMAGED') return 'damaged';
  return error.code === 'VAULT_LOCKED' ? 'locked' : 'unavailable';
}

function formatItems(items: Items): string {
  const entries = [...items].sort(([a], [b]) => (a < b ? -1 : 1)).map(([account, item]) => [account, writeItem(item)]);
  return `${JSON.stringify({ version: 1, items: Object.fromEntries(entries) }, null, 2)}\n`;
}

function parseItems(text: string): Items | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // what was sealed is not ours
  }
  if (typeof value !== 'object' || value === null || !('version' in value) || value.version !== 1) return undefined;
  if (!('items' in value) || typeof value.items !== 'object' || value.items === null) return undefined;
  const items = Object.entries(value.items).map(([account, item]) => [account, readItem(item)] as const);
  if (items.some(([, item]) => item === undefined)) return undefined;
  return new Map(items as [string, VaultItem][]);
}
