import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Secret } from '../core/secret.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const BODY = /^([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

/**
 * A new credential of our own: its prefix, 43 base62 characters (43 × log2 62 = 256 bit) and 6 of CRC32, so that a typing
 * error is caught without a lookup. The checksum proves nothing.
 */
export function newKeyText(prefix: string): Secret {
  const random = randomBase62(RANDOM_LENGTH);
  return new Secret(prefix + random + checksum(random));
}

/** Whether the text has that form with that prefix, and its checksum fits. */
export function isWellFormedKeyText(prefix: string, text: string): boolean {
  const match = text.startsWith(prefix) ? BODY.exec(text.slice(prefix.length)) : null;
  return match !== null && checksum(match[1]!) === match[2];
}

function checksum(text: string): string {
  let value = crc32(text);
  let out = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    out = ALPHABET[value % 62]! + out;
    value = Math.floor(value / 62);
  }
  return out;
}

/** Uniform: bytes of 248 and above are thrown away (248 = 4 × 62). */
function randomBase62(length: number): string {
  let out = '';
  while (out.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && out.length < length) out += ALPHABET[byte % 62]!;
    }
  }
  return out;
}
