import { hash } from 'node:crypto';
import type { Secret } from '../core/secret.ts';
import { HOUR_MS, MINUTE_MS } from '../core/time.ts';
import { isWellFormedKeyText, newKeyText } from './key-text.ts';

export const TOKEN_PREFIX = 'mbt_';
export const DEFAULT_TTL_MS = 10 * MINUTE_MS;
export const MINIMUM_TTL_MS = MINUTE_MS;
export const MAXIMUM_TTL_MS = HOUR_MS;

export function newAccessToken(): Secret {
  return newKeyText(TOKEN_PREFIX);
}

/** Whether the text has the form of an access token and its checksum fits. */
export function isWellFormedToken(text: string): boolean {
  return isWellFormedKeyText(TOKEN_PREFIX, text);
}

/** What is stored of a token or key: a SHA-256 of 256 random bits needs no key. */
export function hashToken(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
