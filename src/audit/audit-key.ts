import { randomBytes } from 'node:crypto';
import { MoltbotError } from '../core/errors.ts';
import { withProcessLock } from '../core/process-lock.ts';
import { Secret } from '../core/secret.ts';
import type { Vault, VaultKey } from '../vault/vault.ts';

/** No agent id begins with an underscore, so this is nobody's profile. */
export const AUDIT_VAULT_KEY: VaultKey = { agentId: '_audit', profileId: 'chain' };

/** The vault keeps an origin with each secret; this one is sent nowhere. */
const NOWHERE = 'moltbot:audit';
const KEY_BYTES = 32;
const LOCK_WAIT_MS = 5_000;

/** The key that seals audit rows: 32 random bytes in the vault, made once. */
export class AuditKey {
  readonly #vault: () => Vault;
  readonly #lockPath: string;
  /** Whether rows were sealed before: their key cannot be made again. */
  readonly #wasUsed: () => boolean;

  constructor(options: { vault: () => Vault; lockPath: string; wasUsed: () => boolean }) {
    this.#vault = options.vault;
    this.#lockPath = options.lockPath;
    this.#wasUsed = options.wasUsed;
  }

  /** Undefined when there is none yet. Fails as the vault fails. */
  async read(): Promise<Uint8Array | undefined> {
    const item = await this.#vault().get(AUDIT_VAULT_KEY);
    return item && decode(item.secret);
  }

  /**
   * The key; a new one where nothing was ever sealed. Of processes that make it at the same time one does, and what is
   * given is what the vault gives back. Fails as the vault fails, and with AUDIT_BROKEN when the key of sealed rows is gone.
   */
  async readOrMake(): Promise<Uint8Array> {
    return (await this.read()) ?? withProcessLock(this.#lockPath, () => this.#make(), LOCK_WAIT_MS);
  }

  async #make(): Promise<Uint8Array> {
    const made = await this.read();
    if (made) return made;
    if (this.#wasUsed()) throw keyGone();
    const secret = new Secret(randomBytes(KEY_BYTES).toString('base64url'));
    await this.#vault().set(AUDIT_VAULT_KEY, { secret, origin: NOWHERE });
    const kept = await this.read();
    if (kept) return kept;
    throw new MoltbotError('VAULT_UNAVAILABLE', 'The vault does not give back the audit key that was stored in it.', {
      hint: 'See what is wrong with it: moltbot doctor',
    });
  }
}

/** Rows were sealed, and what sealed them is no longer there. */
export function keyGone(): MoltbotError {
  return new MoltbotError('AUDIT_BROKEN', 'The key that sealed the audit is not in the vault any more.', {
    hint: 'Bring the vault back from a backup. Without that key neither old rows can be checked nor new ones sealed.',
  });
}

function decode(secret: Secret): Uint8Array {
  const key = Buffer.from(secret.reveal(), 'base64url');
  if (key.length === KEY_BYTES) return key;
  throw new MoltbotError('VAULT_DAMAGED', 'The audit key in the vault is not one that moltbot made.', {
    hint: 'Bring the vault back from a backup.',
  });
}
