import { createHmac, randomBytes } from 'node:crypto';
import type { Secret } from '../core/secret.ts';
import type { Database } from '../database/database.ts';

const KEY_NAME = 'fingerprint_key';

/**
 * HMAC-SHA256 of the secret with a random key that stays in this database, 8 hex digits. Two profiles with the same
 * credential can be told, and nobody can test a guessed key against it on another machine.
 */
export function fingerprintOf(database: Database, secret: Secret): string {
  return createHmac('sha256', localKey(database)).update(secret.reveal()).digest('hex').slice(0, 8);
}

function localKey(database: Database): Buffer {
  const read = () => database.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', KEY_NAME)?.value;
  let key = read();
  if (key === undefined) {
    // Another process may be first: whoever inserted wins, and both read the same key back.
    database.run('INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)', KEY_NAME, randomBytes(32).toString('hex'));
    key = read()!;
  }
  return Buffer.from(key, 'hex');
}
