import type { By } from '../../agents/change-agents.ts';
import { MoltbotError } from '../../core/errors.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import type { TestCallResult } from '../../profiles/test-call.ts';
import { findProvider } from '../../providers/registry.ts';
import type { Management } from '../management.ts';
import { type AuthData, type Destination, destinationOf, secretIn } from './auth-data.ts';
import { assertFuture, storeCredential } from './store-credential.ts';

export interface Replacement {
  readonly auth_data: AuthData;
  /** Undefined: as the kind has it. */
  readonly expires_at?: number | null | undefined;
  readonly skip_test: boolean;
}

/**
 * Puts a new secret, tested first, in place of the earlier one; it goes where that one went, or to `destination`. Fails
 * as `storeCredential`, and with USAGE (400) for a secret of another kind.
 */
export async function replaceSecret(
  management: Management,
  profile: Profile,
  { auth_data, expires_at, skip_test }: Replacement,
  by: By,
  destination?: Destination,
): Promise<{ profile: Profile; test: TestCallResult | null }> {
  const provider = findProvider(management.providers(), profile.provider);
  const credential = secretIn(provider, auth_data);
  if (credential.type !== profile.type) throw otherKind(profile);
  assertFuture(expires_at, by.nowMs);
  // Where it went until now was allowed when it was said; so it is not a caller's new idea.
  const wanted = destination ?? destinationOf(provider, profile.baseUrl, 'socket');
  const candidate = { provider, ...credential, destination: wanted };
  return storeCredential(management, profile, candidate, { expiresAtMs: expires_at, skipTest: skip_test }, by);
}

function otherKind({ profileId, type }: Profile): MoltbotError {
  return new MoltbotError('USAGE', `auth_data: "${profileId}" is of the type ${type}, and stays so.`, {
    hint: 'Store the other kind as a credential of its own.',
  });
}
