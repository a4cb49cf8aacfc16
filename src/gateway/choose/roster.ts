import { authOrderOf, mayUseEnvironment, pinOf } from '../../config/agent-view.ts';
import type { Config } from '../../config/schema.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import type { AuthStyle, CredentialType, Provider } from '../../providers/provider.ts';
import type { Destination } from '../../providers/upstream.ts';
import type { Candidate, HealthState } from '../../rotation/types.ts';
import { type UpstreamBase, upstreamBase } from '../target/upstream-target.ts';

/** A profile that may serve an agent, with all that a request needs of it but the secret. */
export interface ServingProfile extends Candidate {
  readonly source: 'own' | 'env' | 'none';
  readonly agentId: string;
  readonly provider: Provider;
  readonly base: UpstreamBase;
  readonly destination: Destination;
  readonly style: AuthStyle;
  /** False for a place a person defined: what comes from there is searched for our credential as a whole. */
  readonly isDefaultOrigin: boolean;
  /** Goes up when the credential is (or, from the environment, may have been) replaced. */
  readonly generation: number;
  /** Kept here between two writes to the database; part of the default order. */
  lastUsedAtMs: number | undefined;
}

/** Who may serve one agent at one provider. */
export interface Roster {
  readonly profiles: readonly ServingProfile[];
  readonly order: readonly string[] | undefined;
  readonly pin: string | undefined;
  /** Profiles whose base URL now leads to another origin than their secret was stored for. */
  readonly misdirected: readonly HealthState[];
}

/** Keys found in the gateway's environment, by provider: the name of the variable, never its value. */
export type EnvironmentKeys = ReadonlyMap<string, { readonly name: string; readonly type: CredentialType }>;

export interface RosterSources {
  readonly config: Config;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly environmentKeys: EnvironmentKeys;
  /** Goes up with every change of the configuration: the generation of what comes from it. */
  readonly revision: number;
  /** The active profiles of an agent. */
  readonly profilesOf: (agentId: string) => readonly Profile[];
}

/**
 * The agent's own profiles; only when it has none for this provider, the key in the gateway's environment (if the agent
 * may use that); for a provider without credentials, its built-in `<provider>:none`. Nothing is inherited.
 */
export function rosterOf(sources: RosterSources, agentId: string, provider: Provider): Roster {
  const own = sources.profilesOf(agentId).filter((profile) => profile.provider === provider.id);
  const misdirected: HealthState[] = [];
  const profiles = own.map((profile) => {
    const serving = ownProfile(profile, provider);
    if (serving.base.origin !== profile.origin) misdirected.push(originChanged(profile));
    return serving;
  });
  if (profiles.length === 0 && provider.authStyle === 'none')
    profiles.push(builtInProfile(sources, agentId, provider, 'none', 'api_key'));
  const key = sources.environmentKeys.get(provider.id);
  if (profiles.length === 0 && key && mayUseEnvironment(sources.config, agentId)) {
    profiles.push(builtInProfile(sources, agentId, provider, 'env', key.type));
  }
  return {
    profiles,
    order: authOrderOf(sources.config, agentId, provider.id),
    pin: pinOf(sources.config, agentId, provider.id),
    misdirected,
  };
}

/**
 * Which providers have a key in this environment. A value in the config that refers to an unset variable is not
 * enumerable (`effectiveEnvironment`): here it is no key, and an error only for whoever needs it.
 */
export function environmentKeys(
  providers: ReadonlyMap<string, Provider>,
  env: Readonly<Record<string, string | undefined>>,
): EnvironmentKeys {
  const found = new Map<string, { name: string; type: CredentialType }>();
  const keyIn = (name: string) => (Object.prototype.propertyIsEnumerable.call(env, name) ? env[name] : undefined);
  for (const provider of providers.values()) {
    const name = provider.environmentNames.find(keyIn);
    const value = name && keyIn(name);
    if (!name || !value) continue;
    const kind = provider.credentials.find(({ pattern }) => pattern.test(value));
    found.set(provider.id, { name, type: kind?.type ?? 'api_key' });
  }
  return found;
}

function ownProfile(profile: Profile, provider: Provider): ServingProfile {
  const kind = provider.credentials.find(({ type }) => type === profile.type);
  return {
    ...placeOf(provider, profile.baseUrl ?? provider.defaultBaseUrl),
    id: profile.profileId,
    source: 'own',
    agentId: profile.agentId,
    type: profile.type,
    style: kind?.style ?? provider.authStyle,
    generation: profile.generation,
    lastUsedAtMs: profile.lastUsedAtMs ?? undefined,
    expiresAtMs: profile.expiresAtMs ?? undefined,
  };
}

function builtInProfile(
  { revision }: RosterSources,
  agentId: string,
  provider: Provider,
  source: 'env' | 'none',
  type: CredentialType,
): ServingProfile {
  const kind = provider.credentials.find((candidate) => candidate.type === type);
  return {
    ...placeOf(provider, provider.defaultBaseUrl),
    id: `${provider.id}:${source}`,
    source,
    agentId,
    type,
    style: source === 'none' ? 'none' : (kind?.style ?? provider.authStyle),
    generation: revision,
    lastUsedAtMs: undefined,
    expiresAtMs: undefined,
  };
}

type Place = Pick<ServingProfile, 'provider' | 'base' | 'destination' | 'isDefaultOrigin'>;

function placeOf(provider: Provider, baseUrl: string): Place {
  const base = upstreamBase(provider.dialect, baseUrl);
  const { allowPrivateNetwork, builtIn, builtInOrigin } = provider;
  return {
    provider,
    base,
    destination: { origin: base.origin, allowPrivateNetwork },
    isDefaultOrigin: builtIn && base.origin === builtInOrigin,
  };
}

function originChanged(profile: Profile): HealthState {
  return {
    agentId: profile.agentId,
    profileId: profile.profileId,
    model: null,
    kind: 'disabled',
    reason: 'origin_changed',
    outcome: 'rejected',
    httpStatus: null,
    errorType: null,
    requestId: null,
    causedBy: null,
    sinceMs: profile.replacedAtMs ?? profile.createdAtMs,
    untilMs: null,
    rung: 0,
    failuresInARow: 0,
    lastFailureMs: 0,
    changedBy: 'person',
  };
}
