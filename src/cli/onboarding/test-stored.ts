import type { App } from '../../app.ts';
import { thisPerson } from '../../audit/actor.ts';
import { normalizeModel } from '../../catalog/models.ts';
import { MoltbotError } from '../../core/errors.ts';
import { upstreamBase } from '../../gateway/target/upstream-target.ts';
import { applyTest } from '../../profiles/apply-test.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import { noteReset } from '../../profiles/reset-profile.ts';
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
  apply(app, profile, result);
  return result;
}

/** A pass that clears a state is a decision of whoever asked for the test. */
function apply(app: App, profile: Profile, result: TestCallResult): void {
  const { database, health, audit } = app.stores();
  const context = {
    model: normalizeModel(profile.provider, result.model),
    config: app.config().config.auth.cooldowns,
  };
  database.transaction(() => {
    const cleared = applyTest(health, profile, result, context);
    const by = { actor: thisPerson(), nowMs: app.now() };
    if (cleared > 0) noteReset(audit, profile, { cleared, because: 'test passed' }, by);
  });
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
