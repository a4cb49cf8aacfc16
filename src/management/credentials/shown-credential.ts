import * as v from 'valibot';
import { authOrderOf } from '../../config/agent-view.ts';
import type { Config } from '../../config/schema.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import type { TestCallResult } from '../../profiles/test-call.ts';
import { type UnusableProfile, unusableProfiles } from '../../rotation/describe.ts';
import type { Management } from '../management.ts';
import { credentialId } from './credential-id.ts';

const time = v.pipe(v.number(), v.integer(), v.description('Epoch milliseconds.'));

/** What a test call said; fields as the onboarding of other products has them. */
export const testSchema = v.strictObject({
  success: v.boolean(),
  status_code: v.nullable(v.number()),
  validated_by: v.literal('api_call'),
  cost_class: v.literal('minimal'),
  latency_ms: v.number(),
  detail: v.string(),
});

/** A credential as the API shows it: everything but the secret. */
export const credentialEntries = {
  id: v.string(),
  provider: v.string(),
  agent: v.string(),
  profile: v.string(),
  auth_type: v.picklist(['api_key', 'token']),
  label: v.pipe(v.string(), v.description('Prefix and last four of the secret.')),
  base_url: v.nullable(v.string()),
  origin: v.pipe(v.string(), v.description('The only origin the secret is sent to.')),
  is_default: v.pipe(v.boolean(), v.description("The first in its agent's order, or the only one.")),
  state: v.picklist(['usable', 'cooldown', 'disabled']),
  unusable: v.array(
    v.strictObject({
      kind: v.picklist(['cooldown', 'disabled']),
      reason: v.string(),
      model: v.nullable(v.string()),
      since: time,
      until: v.nullable(time),
      next_step: v.string(),
    }),
  ),
  created_at: time,
  replaced_at: v.nullable(time),
  last_used_at: v.nullable(time),
  expires_at: v.nullable(time),
  expiry_assumed: v.boolean(),
};

export const credentialSchema = v.strictObject(credentialEntries);
export const storedSchema = v.strictObject({ ...credentialEntries, test: v.nullable(testSchema) });

export type ShownCredential = v.InferOutput<typeof credentialSchema>;

export function shownCredential(management: Management, profile: Profile): ShownCredential {
  return shownCredentials(management, [profile])[0]!;
}

/** The same for a list: configuration and health are read once. */
export function shownCredentials(management: Management, profiles: readonly Profile[]): ShownCredential[] {
  const { config } = management.config();
  const nowMs = management.now();
  const states = management.stores.health.list();
  return profiles.map((profile) => {
    const own = states.filter((state) => state.agentId === profile.agentId && state.profileId === profile.profileId);
    const unusable = unusableProfiles(own, nowMs);
    return {
      ...metadataOf(profile),
      is_default: isDefault(management, config, profile),
      state: stateOf(unusable),
      unusable: unusable.map(({ kind, reason, model = null, since, until, nextStep }) => ({
        ...{ kind, reason, model, since, until },
        next_step: nextStep,
      })),
    };
  });
}

function metadataOf(profile: Profile) {
  return {
    id: credentialId(profile),
    provider: profile.provider,
    agent: profile.agentId,
    profile: profile.profileId,
    auth_type: profile.type,
    label: profile.label,
    base_url: profile.baseUrl,
    origin: profile.origin,
    created_at: profile.createdAtMs,
    replaced_at: profile.replacedAtMs,
    last_used_at: profile.lastUsedAtMs,
    expires_at: profile.expiresAtMs,
    expiry_assumed: profile.expiryAssumed,
  };
}

/** Of the whole profile: one of its models may be cooling down while the others serve. */
function stateOf(unusable: readonly UnusableProfile[]): ShownCredential['state'] {
  const kinds = unusable.filter(({ model }) => model === undefined).map(({ kind }) => kind);
  return kinds.includes('disabled') ? 'disabled' : (kinds[0] ?? 'usable');
}

export function shownTest(test: TestCallResult): v.InferOutput<typeof testSchema> {
  return {
    success: test.success,
    status_code: test.statusCode,
    validated_by: test.validatedBy,
    cost_class: test.costClass,
    latency_ms: test.latencyMs,
    detail: test.detail,
  };
}

function isDefault({ stores }: Management, config: Config, { agentId, provider, profileId }: Profile): boolean {
  const order = authOrderOf(config, agentId, provider);
  if (order) return order[0] === profileId;
  return stores.profiles.list(agentId).filter((each) => each.provider === provider).length === 1;
}
