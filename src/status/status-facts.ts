import type { Standing } from '../agents/decide.ts';
import type { App, Stores } from '../app.ts';
import { type BudgetState, budgetStates } from '../budgets/budget-state.ts';
import { type AgentModels, chosenProviders, modelsOf } from '../config/agent-view.ts';
import type { LoadedConfig } from '../config/load.ts';
import { freeDiskBytes } from '../core/free-disk.ts';
import { grantedId, MAIN_AGENT } from '../core/ids.ts';
import { GrantUses } from '../gateway/choose/grant-uses.ts';
import { type EnvironmentKeys, environmentKeys, type Roster, rosterOf } from '../gateway/choose/roster.ts';
import { type GatewayRecord, readRunningGateway } from '../gateway/gateway-file.ts';
import type { CacheChoice } from '../ledger/cache-advice/cache-choice.ts';
import { CacheChoiceStore } from '../ledger/cache-advice/cache-choice-store.ts';
import type { Grant } from '../profiles/grant-store.ts';
import { LimitStore, type ProfileLimits } from '../profiles/limit-store.ts';
import type { Profile } from '../profiles/profile-store.ts';
import { RetestStore } from '../profiles/retest-store.ts';
import { type ServingRecord, servingRecords } from '../profiles/serving-records.ts';
import type { Provider } from '../providers/provider.ts';
import type { Retest } from '../rotation/billing-tests.ts';
import type { HealthState } from '../rotation/types.ts';

/** Everything `models status` is worked out from: read once, without the vault, without the network. */
export interface StatusFacts {
  readonly agentId: string;
  /** Its state and policy; undefined for an agent that is not there. */
  readonly standing: Standing | undefined;
  readonly loaded: LoadedConfig;
  readonly stateDir: string;
  /** On its disk; undefined where that is not known. */
  readonly freeDiskBytes: number | undefined;
  readonly models: AgentModels;
  readonly gateway: GatewayRecord | undefined;
  /** Whose environment `environment` is. */
  readonly seenBy: 'gateway' | 'cli';
  readonly environment: EnvironmentKeys;
  /** Names that the process's own environment has: what is not among them comes from the config. */
  readonly processNames: ReadonlySet<string>;
  /** Providers that the default model and its fallbacks need, else those that have a profile. */
  readonly inUse: readonly string[];
  /** Every provider that is in use or has a credential. */
  readonly rosters: readonly { readonly provider: Provider; readonly roster: Roster }[];
  /** The agent's own. */
  readonly profiles: readonly Profile[];
  /** The same, and those it was lent. */
  readonly records: readonly ServingRecord[];
  /** What the agent has lent to others. */
  readonly grants: readonly Grant[];
  /** What providers last said of the limits of profiles, anyone's. */
  readonly limits: readonly ProfileLimits[];
  /** What the gateway last chose for models whose `cacheControlTtl` is `auto`. */
  readonly cacheChoices: readonly CacheChoice[];
  /** Of all these, with what follows from a changed base URL and from grants that do not cover the default model. */
  readonly states: readonly HealthState[];
  /** The tests of profiles without credit, anyone's. */
  readonly retests: readonly Retest[];
  /** Those that something of this agent may count in. */
  readonly budgets: readonly BudgetState[];
  readonly nowMs: number;
}

export function statusFacts(app: App, agentId: string): StatusFacts {
  const loaded = app.config();
  const stores = app.storesForReading();
  const records = stores ? servingRecords(stores.profiles, stores.grants, agentId) : [];
  const profiles = records.filter(({ grant }) => !grant).map(({ profile }) => profile);
  const models = modelsOf(loaded.config, agentId);
  const gateway = readRunningGateway(app.paths);
  // A copy leaves out what refers to an unset variable: a status must not fail for a value that nobody uses.
  const environment = gateway
    ? keysNamedBy(app.providers(), gateway.environmentNames)
    : environmentKeys(app.providers(), { ...app.env });
  const sources = {
    config: loaded.config,
    providers: app.providers(),
    environmentKeys: environment,
    revision: 0,
    recordsOf: () => records,
  };
  const all = [...app.providers().values()].map((provider) => ({
    provider,
    roster: rosterOf(sources, agentId, provider),
  }));
  const chosen = chosenProviders(models);
  const withCredential = all.filter(({ roster }) => roster.profiles.length > 0).map(({ provider }) => provider.id);
  const inUse = chosen.length > 0 ? chosen : withCredential;
  const rosters = all.filter(({ provider }) => inUse.includes(provider.id) || withCredential.includes(provider.id));
  return {
    agentId,
    standing: standingOf(stores, agentId),
    loaded,
    stateDir: app.paths.stateDir,
    freeDiskBytes: freeDiskBytes(app.paths.stateDir),
    models,
    gateway,
    seenBy: gateway ? 'gateway' : 'cli',
    environment,
    processNames: new Set(Object.keys(process.env)),
    inUse,
    rosters,
    profiles,
    records,
    grants: stores?.grants.by(agentId) ?? [],
    limits: stores ? new LimitStore(stores.database).list() : [],
    cacheChoices: stores ? new CacheChoiceStore(stores.database).list() : [],
    states: [
      ...statesOf(stores, agentId, records, rosters),
      ...rosters.flatMap(({ roster }) => roster.misdirected),
      ...rosters.flatMap(({ provider, roster }) => notGranted(agentId, provider, roster, models, app.now())),
    ],
    retests: stores ? new RetestStore(stores.database).list() : [],
    budgets: budgetStates(stores?.database, loaded.config, app.now()).filter(
      ({ budget: { scope } }) => scope.agentId === undefined || scope.agentId === agentId,
    ),
    nowMs: app.now(),
  };
}

/** `main` exists from the start, also before there is any state. */
function standingOf(stores: Stores | undefined, agentId: string): Standing | undefined {
  if (!stores && agentId === MAIN_AGENT)
    return { agent: { id: agentId, expiresAtMs: null, policy: {} }, pause: undefined };
  const agent = stores?.agents.get(agentId);
  return agent && { agent, pause: stores?.pauses.of(agentId) };
}

/** What is known against these profiles, whoever owns them; also against a key that is not stored. */
function statesOf(
  stores: Stores | undefined,
  agentId: string,
  records: readonly ServingRecord[],
  rosters: StatusFacts['rosters'],
): HealthState[] {
  const serving = [...records.map(({ profile }) => profile), ...rosters.flatMap(({ roster }) => roster.profiles)];
  const names = new Set(serving.map((profile) => grantedId(profile.agentId, profile.profileId)));
  const owners = new Set([agentId, ...serving.map((profile) => profile.agentId)]);
  return [...owners]
    .flatMap((owner) => stores?.health.list(owner) ?? [])
    .filter(({ agentId, profileId }) => names.has(grantedId(agentId, profileId)));
}

/** Which lent profiles are passed over for the default model. How many requests are left, only the gateway knows. */
function notGranted(agentId: string, provider: Provider, roster: Roster, { primary }: AgentModels, nowMs: number) {
  if (primary?.provider !== provider.id) return [];
  return new GrantUses().states(roster.profiles, { agentId, model: primary.model, isModelList: false }, nowMs);
}

/** A running gateway tells the names of the variables it has, never their values. */
function keysNamedBy(providers: ReadonlyMap<string, Provider>, names: readonly string[]): EnvironmentKeys {
  const found = new Map<string, { name: string; type: 'api_key' }>();
  for (const provider of providers.values()) {
    const name = provider.environmentNames.find((candidate) => names.includes(candidate));
    if (name) found.set(provider.id, { name, type: 'api_key' });
  }
  return found;
}

/** Whether a key of that name comes from the config's `env` and not from the process's own environment. */
export function isFromConfig({ loaded, processNames }: StatusFacts, name: string): boolean {
  return name in loaded.config.env && !processNames.has(name);
}
