import { MoltbotError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { upstreamBase } from '../../gateway/target/upstream-target.ts';
import { assertStorable } from '../../profiles/assert-storable.ts';
import { noteTest } from '../../profiles/note-test.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import { type TestCallResult, testCall } from '../../profiles/test-call.ts';
import type { CredentialType, Provider } from '../../providers/provider.ts';
import { findProvider } from '../../providers/registry.ts';
import type { RouteRequest } from '../server/route.ts';
import type { Destination } from './auth-data.ts';

/** A credential that is about to be stored, or only to be tried. */
export interface Candidate {
  readonly provider: Provider;
  readonly type: CredentialType;
  readonly secret: Secret;
  readonly destination: Destination;
}

type Context = Pick<RouteRequest, 'management' | 'by'>;

/** Asks the provider through the gateway's own way out. Nothing is stored and nothing thrown for what it answers. */
export function tryCandidate(
  { app, now }: Context['management'],
  { provider, type, secret, destination }: Candidate,
  model?: string,
): Promise<TestCallResult> {
  return testCall(app.upstream(), { provider, type, secret, base: destination.base, model }, now);
}

/** The same for one that shall be stored: CREDENTIAL_REFUSED (400) or PROVIDER_UNREACHABLE (502) when it must not be. */
export async function assertGood(management: Context['management'], candidate: Candidate): Promise<TestCallResult> {
  const test = await tryCandidate(management, candidate);
  const { provider, type, destination } = candidate;
  assertStorable(test, { provider, type, origin: destination.base.origin, untested: 'with "skip_test": true' });
  return test;
}

/** Asks about a stored credential and writes down what that says. SECRET_NEEDED when there is none to ask with. */
export async function testStoredCredential({ management, by }: Context, profile: Profile): Promise<TestCallResult> {
  const provider = findProvider(management.providers(), profile.provider);
  const baseUrl = profile.baseUrl ?? provider.defaultBaseUrl;
  const base = upstreamBase(provider.dialect, baseUrl);
  const { agentId, profileId, type } = profile;
  const reading = await management.credentials(by.actor).read(agentId, profileId, base.origin);
  if (reading.status !== 'ok') throw secretNeeded(profile);
  const candidate = { provider, type, secret: reading.secret, destination: { baseUrl, base } };
  const result = await tryCandidate(management, candidate);
  noteTest(management.stores, profile, result, { config: management.config().config.auth.cooldowns, by });
  return result;
}

function secretNeeded({ profileId, origin }: Profile): MoltbotError {
  return new MoltbotError('SECRET_NEEDED', `The secret of "${profileId}" is gone, or was stored for ${origin} only.`, {
    hint: 'Enter it again: PUT /api/v1/credentials/{id}/secret',
  });
}
