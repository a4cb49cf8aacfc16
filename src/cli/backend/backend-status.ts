import type { App } from '../../app.ts';
import { environmentKeys } from '../../gateway/choose/roster.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import type { AuthStyle, Provider } from '../../providers/provider.ts';
import { type UnusableProfile, unusableProfiles } from '../../rotation/describe.ts';
import { type Reachability, reach } from './reach.ts';

export interface BackendStatus {
  readonly provider: string;
  /** How its credential is sent; `none`: it needs none. */
  readonly auth: AuthStyle;
  /** One per base URL that its profiles use. */
  readonly endpoints: readonly Reachability[];
  readonly profiles: readonly ProfileStatus[];
}

interface ProfileStatus {
  readonly agentId: string;
  readonly profileId: string;
  readonly usable: boolean;
  readonly unusable: readonly UnusableProfile[];
}

/** Providers that somebody uses: with a profile, with a key in the environment, or defined by the person. */
export function providersInUse(app: App): Provider[] {
  const withProfile = new Set(
    app
      .storesForReading()
      ?.profiles.list()
      .map(({ provider }) => provider),
  );
  const withKey = environmentKeys(app.providers(), app.env);
  return [...app.providers().values()].filter(({ id, builtIn }) => !builtIn || withProfile.has(id) || withKey.has(id));
}

export async function backendStatus(app: App, provider: Provider): Promise<BackendStatus> {
  const stores = app.storesForReading();
  const profiles = (stores?.profiles.list() ?? []).filter((profile) => profile.provider === provider.id);
  const baseUrls = new Set(profiles.map(({ baseUrl }) => baseUrl ?? provider.defaultBaseUrl));
  if (baseUrls.size === 0) baseUrls.add(provider.defaultBaseUrl);
  const endpoints = await Promise.all([...baseUrls].map((baseUrl) => reach(app.upstream(), provider, baseUrl)));
  const states = profiles.map((profile) => profileStatus(app, profile));
  return { provider: provider.id, auth: provider.authStyle, endpoints, profiles: states };
}

function profileStatus(app: App, { agentId, profileId }: Profile): ProfileStatus {
  const states = app.storesForReading()?.health.list(agentId) ?? [];
  const unusable = unusableProfiles(states, app.now()).filter((entry) => entry.profileId === profileId);
  return { agentId, profileId, usable: unusable.every(({ model }) => model !== undefined), unusable };
}
