import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../core/secret.ts';
import type { Database } from '../database/database.ts';

const KEY_NAME = 'guard';
/** RFC 7914's interactive parameters: about 50 ms and 16 MB a try. */
const COST = { N: 16_384, r: 8, p: 1 } as const;
const HASH_BYTES = 32;

/**
 * The guard passphrase: asked for what widens what agents may do. Kept as a scrypt hash. A guard rail and not a wall: code
 * with the owner's own rights can write to this database.
 */
export class Guard {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  isSet(): boolean {
    return this.#stored() !== undefined;
  }

  set(passphrase: Secret): void {
    const salt = randomBytes(16);
    const value = `${salt.toString('hex')}:${hashOf(passphrase, salt).toString('hex')}`;
    this.#database.run('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)', KEY_NAME, value);
  }

  remove(): boolean {
    return this.#database.run('DELETE FROM meta WHERE key = ?', KEY_NAME) === 1;
  }

  /** True also when none is set: then nothing is guarded. */
  opensWith(passphrase: Secret): boolean {
    const stored = this.#stored();
    if (stored === undefined) return true;
    const [salt = '', hash = ''] = stored.split(':');
    const expected = Buffer.from(hash, 'hex');
    const given = hashOf(passphrase, Buffer.from(salt, 'hex'));
    return expected.length === given.length && timingSafeEqual(expected, given);
  }

  #stored(): string | undefined {
    return this.#database.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', KEY_NAME)?.value;
  }
}

function hashOf(passphrase: Secret, salt: Buffer): Buffer {
  return scryptSync(passphrase.reveal().normalize('NFC'), salt, HASH_BYTES, COST);
}
