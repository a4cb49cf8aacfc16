import type { App } from '../../app.ts';
import { MoltbotError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { DAY_MS } from '../../core/time.ts';
import { upstreamBase } from '../../gateway/target/upstream-target.ts';
import { type TestCallResult, testCall } from '../../profiles/test-call.ts';
import { confirmWidening } from '../guard.ts';
import type { CredentialPlace, CredentialRequest } from './credential-request.ts';

/** What a setup-token lives when nobody says otherwise. */
const ASSUMED_TOKEN_LIFE_MS = 365 * DAY_MS;

/** A credential that may be stored: of the right form, and tested unless that was not wanted. */
export interface PreparedCredential {
  readonly place: CredentialPlace;
  readonly secret: Secret;
  readonly origin: string;
  readonly baseUrl: string | null;
  readonly expiresAtMs: number | null;
  readonly expiryAssumed: boolean;
  readonly test: TestCallResult | null;
}

/**
 * Asks the provider, and for the guard passphrase where it goes to a place of its own. Stores nothing. Fails with
 * CREDENTIAL_REFUSED, PROVIDER_UNREACHABLE or GUARD_REFUSED.
 */
export async function prepareCredential(
  app: App,
  request: CredentialRequest,
  options: { readonly skipTest: boolean },
): Promise<PreparedCredential> {
  const { provider, type, agentId, profileId, secret } = request;
  const earlier = earlierBaseUrl(app, agentId, profileId);
  const baseUrl = request.baseUrl ?? earlier;
  const base = upstreamBase(provider.dialect, baseUrl ?? provider.defaultBaseUrl);
  if (baseUrl !== earlier && baseUrl !== provider.defaultBaseUrl)
    await confirmWidening(app, `send a credential of ${provider.id} to ${base.origin}`);
  const test = options.skipTest ? null : await testCall(app.upstream(), { provider, type, secret, base }, app.now);
  if (test) assertStorable(test, request, base.origin);
  return { place: request, secret, origin: base.origin, baseUrl, ...expiryOf(request, app.now()), test };
}

/** A credential that is replaced keeps the place it is sent to. */
function earlierBaseUrl(app: App, agentId: string, profileId: string): string | null {
  return app.storesForReading()?.profiles.get(agentId, profileId)?.baseUrl ?? null;
}

function expiryOf({ type, expiresInMs }: CredentialPlace, nowMs: number) {
  if (expiresInMs !== undefined) return { expiresAtMs: nowMs + expiresInMs, expiryAssumed: false };
  if (type === 'token') return { expiresAtMs: nowMs + ASSUMED_TOKEN_LIFE_MS, expiryAssumed: true };
  return { expiresAtMs: null, expiryAssumed: false };
}

function assertStorable(test: TestCallResult, { provider, type }: CredentialPlace, origin: string): void {
  if (test.success) return;
  const what = type === 'token' ? 'token' : 'key';
  if (test.verdict === 'invalid') {
    throw new MoltbotError(
      'CREDENTIAL_REFUSED',
      `${provider.displayName} refused this ${what}: ${origin} ${test.detail}. Nothing was stored.`,
      {
        hint:
          type === 'token'
            ? 'Make a new one with: claude setup-token'
            : `Check that it was copied whole and is still active. ${provider.credentials[0]?.source ?? ''}`.trim(),
      },
    );
  }
  throw new MoltbotError(
    'PROVIDER_UNREACHABLE',
    `${provider.displayName} could not be asked about this ${what} at ${origin}: ${test.detail}. Nothing was stored.`,
    { hint: 'Try again in a moment, check --base-url, or store it untested with --skip-test.' },
  );
}
