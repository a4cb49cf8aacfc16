import type { App } from '../../app.ts';
import type { Secret } from '../../core/secret.ts';
import { upstreamBase } from '../../gateway/target/upstream-target.ts';
import { assertStorable } from '../../profiles/assert-storable.ts';
import { expiryOf } from '../../profiles/expiry-of.ts';
import { type TestCallResult, testCall } from '../../profiles/test-call.ts';
import { confirmWidening } from '../guard.ts';
import type { CredentialPlace, CredentialRequest } from './credential-request.ts';

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
  const { origin } = base;
  if (test) assertStorable(test, { provider, type, origin, untested: 'with --skip-test' });
  const nowMs = app.now();
  const expiresAtMs = request.expiresInMs === undefined ? undefined : nowMs + request.expiresInMs;
  return { place: request, secret, origin, baseUrl, ...expiryOf(type, expiresAtMs, nowMs), test };
}

/** A credential that is replaced keeps the place it is sent to. */
function earlierBaseUrl(app: App, agentId: string, profileId: string): string | null {
  return app.storesForReading()?.profiles.get(agentId, profileId)?.baseUrl ?? null;
}
