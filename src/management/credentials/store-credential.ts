import type { By } from '../../agents/change-agents.ts';
import { MoltbotError } from '../../core/errors.ts';
import { expiryOf } from '../../profiles/expiry-of.ts';
import { noteTest } from '../../profiles/note-test.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import type { TestCallResult } from '../../profiles/test-call.ts';
import type { Management } from '../management.ts';
import { InvalidFieldsError } from '../server/check-input.ts';
import { assertFreePlace } from './new-place.ts';
import { assertGood, type Candidate } from './test-credential.ts';

export interface StoreOptions {
  readonly expiresAtMs: number | null | undefined;
  readonly skipTest: boolean;
  /** A profile that came meanwhile is not overwritten. */
  readonly mustBeNew?: boolean;
}

/**
 * Tests a credential and stores it: in that order, so that a refused one leaves nothing behind and an earlier one
 * untouched. One that is good and cannot be used now is stored with that state. Fails with CREDENTIAL_REFUSED,
 * PROVIDER_UNREACHABLE, ALREADY_EXISTS, VAULT_LOCKED and its kin.
 */
export async function storeCredential(
  management: Management,
  { agentId, profileId }: { readonly agentId: string; readonly profileId: string },
  candidate: Candidate,
  { expiresAtMs, skipTest, mustBeNew = false }: StoreOptions,
  by: By,
): Promise<{ profile: Profile; test: TestCallResult | null }> {
  const { provider, type, secret, destination } = candidate;
  // Not worth a paid call when it could not be kept.
  await assertVaultReady(management);
  const test = skipTest ? null : await assertGood(management, candidate);
  if (mustBeNew) assertFreePlace(management.stores.profiles, provider.id, { agentId, profileId });
  const { profile } = await management.credentials(by.actor).save(
    {
      ...{ agentId, profileId, provider: provider.id, type, secret },
      origin: destination.base.origin,
      baseUrl: destination.baseUrl,
      ...expiryOf(candidate.type, expiresAtMs, by.nowMs),
    },
    by.nowMs,
  );
  const config = management.config().config.auth.cooldowns;
  if (test) noteTest(management.stores, profile, test, { config, by });
  return { profile, test };
}

/** INVALID_FIELDS for a time that is over. */
export function assertFuture(expiresAtMs: number | null | undefined, nowMs: number): void {
  if (expiresAtMs === null || expiresAtMs === undefined || expiresAtMs > nowMs) return;
  throw new InvalidFieldsError([
    { loc: ['body', 'expires_at'], msg: 'Expected a time that is still to come', type: 'expires_at' },
  ]);
}

async function assertVaultReady({ app }: Management): Promise<void> {
  const { condition, detail, hint } = await app.vault().condition();
  if (condition === 'ready') return;
  const code = { locked: 'VAULT_LOCKED', unavailable: 'VAULT_UNAVAILABLE', damaged: 'VAULT_DAMAGED' } as const;
  throw new MoltbotError(code[condition], `The vault is ${condition}: ${detail}`, {
    hint: `Nothing was stored. ${hint ?? 'See what is wrong with: moltbot doctor'}`,
  });
}
