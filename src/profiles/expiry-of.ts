import { DAY_MS } from '../core/time.ts';
import type { CredentialType } from '../providers/provider.ts';

/** What a setup-token lives when nobody says otherwise. */
const ASSUMED_TOKEN_LIFE_MS = 365 * DAY_MS;

/** When a credential ends: as it was said (null: never), else never for a key and in a year for a setup-token. */
export function expiryOf(
  type: CredentialType,
  expiresAtMs: number | null | undefined,
  nowMs: number,
): { expiresAtMs: number | null; expiryAssumed: boolean } {
  if (expiresAtMs !== undefined) return { expiresAtMs, expiryAssumed: false };
  if (type === 'token') return { expiresAtMs: nowMs + ASSUMED_TOKEN_LIFE_MS, expiryAssumed: true };
  return { expiresAtMs: null, expiryAssumed: false };
}
