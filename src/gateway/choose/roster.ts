import { authOrderOf, mayUseEnvironment, pinOf } from '../../config/agent-view.ts';
import type { Config } from '../../config/schema.ts';
import type { Grant } from '../../profiles/grant-store.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import { type ServingRecord, servingId } from '../../profiles/serving-records.ts';
import type { AuthStyle, CredentialType, Provider } from '../../providers/provider.ts';
import type { Destination } from '../../providers/upstream.ts';
import type { Candidate, HealthState } from '../../rotation/types.ts';
import { type UpstreamBase, upstreamBase } from '../target/upstream-target.ts';

/** A profile that may serve an agent, with all that a request needs of it but the secret. */
export interface ServingProfile extends Candidate {
  readonly source: 'own' | 'grant' | 'env' | 'none';
  /** Its owner: whose secret, health and record it is. */
  readonly agentId: string;
  /** As its owner names it: of a granted `main/anthropic:work` it is `anthropic:work`. */
  readonly profileId: string;
  /** How far the agent may use it, where it is another's. */
  readonly grant: Grant | undefined;
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
  /** A grant has a list of models. */
  readonly limitsModels: boolean;
}

/** Keys found in the gateway's environment, by provider: the name of the variable, never its value. */
export type EnvironmentKeys = ReadonlyMap<string, { readonly name: string; readonly type: CredentialType }>;

export interface RosterSources {
  readonly config: Config;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly environmentKeys: EnvironmentKeys;
  /** Goes up with every change of the configuration: the generation of what comes from it. */
  readonly revision: number;
  /** The active profiles of an agent, its own and those it was lent. */
  readonly recordsOf: (agentId: string) => readonly ServingRecord[];
}

/**
 * The agent's own profiles and those granted to it by name; only when it has none for this provider, the key in the gateway's environment (if the agent
 * may use that); for a provider without credentials, its built-in `<provider>:none`. Nothing is inherited.
 */
export function rosterOf(sources: RosterSources, agentId: string, provider: Provider): Roster {
  const records = sources.recordsOf(agentId).filter(({ profile }) => profile.provider === provider.id);
  const misdirected: HealthState[] = [];
  const profiles = records.map((record) => {
    const { profile } = record;
    const serving = storedProfile(record, provider);
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
    limitsModels: profiles.some(({ grant }) => (grant?.models ?? null) !== null),
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

function storedProfile(record: ServingRecord, provider: Provider): ServingProfile {
  const { profile, grant } = record;
  const kind = provider.credentials.find(({ type }) => type === profile.type);
  return {
    ...placeOf(provider, profile.baseUrl ?? provider.defaultBaseUrl),
    id: servingId(record),
    source: grant ? 'grant' : 'own',
    agentId: profile.agentId,
    profileId: profile.profileId,
    grant,
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
  const id = `${provider.id}:${source}`;
  return {
    ...placeOf(provider, provider.defaultBaseUrl),
    id,
    source,
    agentId,
    profileId: id,
    grant: undefined,
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
