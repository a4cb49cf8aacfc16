import type { App } from '../../app.ts';
import { thisPerson } from '../../audit/actor.ts';
import { MoltbotError } from '../../core/errors.ts';
import { upstreamBase } from '../../gateway/target/upstream-target.ts';
import { noteTest } from '../../profiles/note-test.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import { type TestCallResult, testCall } from '../../profiles/test-call.ts';
import { findProvider } from '../../providers/registry.ts';
import { noCredentialsForProfile } from '../../rotation/messages.ts';

/**
 * Asks the provider about a stored credential and writes down what it says: a pass clears a disabled state. Fails as the
 * vault fails, or with NO_CREDENTIALS when the secret is gone or was stored for another origin.
 */
export async function testStored(app: App, profile: Profile): Promise<TestCallResult> {
  const provider = findProvider(app.providers(), profile.provider);
  const base = upstreamBase(provider.dialect, profile.baseUrl ?? provider.defaultBaseUrl);
  const reading = await app.credentials().read(profile.agentId, profile.profileId, base.origin);
  if (reading.status !== 'ok') throw unreadable(profile, reading.status === 'missing' ? undefined : reading.storedFor);
  const result = await testCall(
    app.upstream(),
    { provider, type: profile.type, secret: reading.secret, base },
    app.now,
  );
  const config = app.config().config.auth.cooldowns;
  noteTest(app.stores(), profile, result, { config, by: { actor: thisPerson(), nowMs: app.now() } });
  return result;
}

function unreadable({ agentId, profileId }: Profile, storedFor: string | undefined): MoltbotError {
  const { text, remedy } = noCredentialsForProfile(profileId, agentId);
  if (storedFor === undefined) return new MoltbotError('NO_CREDENTIALS', text, { hint: remedy });
  return new MoltbotError(
    'NO_CREDENTIALS',
    `The secret of "${profileId}" was stored for ${storedFor} and goes nowhere else.`,
    {
      hint: `Enter it again for the new base URL: moltbot models auth add --profile-id ${profileId}`,
    },
  );
}
