import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import type { Identity, Recipient } from 'age-encryption';
import type { Secret } from '../core/secret.ts';
import { loadAge } from './load-age.ts';

/**
 * The scrypt recipient of the age format (https://c2sp.org/age, "The scrypt recipient type") on Node's own scrypt: it runs
 * in the thread pool, while the library's runs on the event loop and stops everything for a second or two.
 */
export function scryptRecipient(passphrase: Secret, logN: number): Recipient {
  return {
    async wrapFileKey(fileKey) {
      const { Stanza } = await loadAge();
      const salt = randomBytes(16);
      const cipher = createCipheriv('chacha20-poly1305', await deriveKey(passphrase, salt, logN), NONCE, TAG);
      const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
      return [new Stanza(['scrypt', unpadded(salt), String(logN)], body)];
    },
  };
}

/** Opens a file sealed with that passphrase; with another one, or a work factor above 20, it does not match. */
export function scryptIdentity(passphrase: Secret): Identity {
  return {
    async unwrapFileKey(stanzas) {
      const stanza = stanzas[0];
      const [type, salt, logN] = stanza?.args ?? [];
      if (!stanza || stanzas.length !== 1 || type !== 'scrypt' || !salt || !logN) return null;
      if (!/^([1-9]|1\d|20)$/.test(logN) || stanza.body.length !== 32) return null;
      return unwrap(stanza.body, await deriveKey(passphrase, Buffer.from(salt, 'base64'), Number(logN)));
    },
  };
}

/** The file key is used for one file only and the derived key for one salt only, so the format has a fixed nonce. */
const NONCE = Buffer.alloc(12);
const TAG = { authTagLength: 16 } as const;

function unwrap(body: Uint8Array, key: Buffer): Uint8Array | null {
  const decipher = createDecipheriv('chacha20-poly1305', key, NONCE, TAG);
  decipher.setAuthTag(body.subarray(16));
  try {
    return Buffer.concat([decipher.update(body.subarray(0, 16)), decipher.final()]);
  } catch {
    return null; // the tag does not fit: another passphrase
  }
}

function deriveKey(passphrase: Secret, salt: Buffer, logN: number): Promise<Buffer> {
  const N = 2 ** logN;
  const labelled = Buffer.concat([Buffer.from('age-encryption.org/v1/scrypt'), salt]);
  return new Promise((resolve, reject) => {
    // scrypt needs 128 × N × r bytes: 256 MiB at age's usual 2^18.
    scrypt(passphrase.reveal(), labelled, 32, { N, r: 8, p: 1, maxmem: 128 * N * 8 + 2 ** 20 }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
