import { maskSecret } from '../core/secret.ts';
import type { Database } from '../database/database.ts';
import type { NewCredential } from './credentials.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Profile } from './profile-store.ts';

/** The record of a credential that is about to be stored, in place of an earlier one of that profile or as a new one. */
export function recordOf(
  database: Database,
  { secret, ...rest }: NewCredential,
  earlier: Profile | undefined,
  nowMs: number,
): Profile {
  return {
    ...rest,
    state: earlier ? 'active' : 'pending',
    label: maskSecret(secret),
    fingerprint: fingerprintOf(database, secret),
    generation: (earlier?.generation ?? 0) + 1,
    createdAtMs: earlier?.createdAtMs ?? nowMs,
    replacedAtMs: earlier ? nowMs : null,
    lastUsedAtMs: earlier?.lastUsedAtMs ?? null,
  };
}
