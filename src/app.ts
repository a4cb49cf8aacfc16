import { accessSync } from 'node:fs';
import { homedir } from 'node:os';
import { AdminKeyStore } from './agents/admin-key-store.ts';
import { AgentStore } from './agents/agent-store.ts';
import { PauseStore } from './agents/pause-store.ts';
import { TokenStore } from './agents/token-store.ts';
import { AlertStore } from './alerts/alert-store.ts';
import { type Actor, thisPerson } from './audit/actor.ts';
import { AuditKey } from './audit/audit-key.ts';
import { AuditLog } from './audit/audit-log.ts';
import { lastSealed } from './audit/head.ts';
import { putInForce } from './catalog/in-force.ts';
import { catalogWith, readStoredCatalog } from './catalog/loaded-catalog.ts';
import { effectiveEnvironment } from './config/environment.ts';
import { type LoadedConfig, loadConfig } from './config/load.ts';
import { ensurePrivateDirectory, type Paths, resolvePaths } from './config/paths.ts';
import { MoltbotError, systemCode } from './core/errors.ts';
import { printable } from './core/text.ts';
import type { Clock } from './core/time.ts';
import { Database, type DatabaseUse } from './database/database.ts';
import { LedgerStore } from './ledger/ledger-store.ts';
import { Credentials } from './profiles/credentials.ts';
import { GrantStore } from './profiles/grant-store.ts';
import { HealthStore } from './profiles/health-store.ts';
import { ProfileStore } from './profiles/profile-store.ts';
import type { Provider } from './providers/provider.ts';
import { providersOf } from './providers/registry.ts';
import { Upstream } from './providers/upstream.ts';
import { openVault, type VaultPlace } from './vault/open.ts';
import type { Vault } from './vault/vault.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The stores over one open database. */
export interface Stores {
  readonly database: Database;
  readonly agents: AgentStore;
  readonly tokens: TokenStore;
  readonly pauses: PauseStore;
  readonly adminKeys: AdminKeyStore;
  readonly audit: AuditLog;
  readonly alerts: AlertStore;
  readonly ledger: LedgerStore;
  readonly profiles: ProfileStore;
  readonly grants: GrantStore;
  readonly health: HealthStore;
}

/**
 * The composition root: the only file that names concrete parts. Everything is opened on first use, so a command pays
 * for what it needs: `--help` opens nothing, `models status` never touches the vault.
 */
export interface App {
  /** The process's environment with the config's `env` filled in where it leaves gaps. */
  readonly env: Environment;
  /** The process's environment as it is. */
  readonly processEnv: Environment;
  readonly now: Clock;
  readonly paths: Paths;
  /** The configuration, read once. Throws CONFIG_INVALID and its kin. */
  config(): LoadedConfig;
  providers(): ReadonlyMap<string, Provider>;
  /** Opens the state for changes, creating it when it is not there. */
  stores(): Stores;
  /** What `stores` has opened; undefined while nothing was opened for changes. */
  openedStores(): Stores | undefined;
  /** The state for a long-running process: a connection of its own that never waits long for a lock. */
  gatewayStores(): Stores;
  /** The same for the management listener: a connection of its own, so that the proxy sees its changes as anybody's. */
  managementStores(): Stores;
  /** Opens the state to look at it; undefined when there is none yet. Writes nothing. */
  storesForReading(): Stores | undefined;
  /** The vault the configuration names. Opening it reads nothing and asks nothing. */
  vault(): Vault;
  /** What seals the audit, in that vault. */
  auditKey(): AuditKey;
  /** Credentials as changed by `actor`: the person at this machine unless it says otherwise. */
  credentials(actor?: Actor): Credentials;
  upstream(): Upstream;
  close(): void;
}

/** How the vault asks a person for its passphrase; left out where nobody is there to answer. */
export type AskPassphrase = NonNullable<VaultPlace['askPassphrase']>;

export function openApp(processEnv: Environment, askPassphrase?: AskPassphrase, now: Clock = Date.now): App {
  const paths = resolvePaths(processEnv, homedir());
  const closers: (() => void)[] = [];
  putInForce(once(() => catalogWith(readStoredCatalog(paths.catalogFile))));
  const config = once(() => loadConfig(paths.configFile, processEnv));
  const env = once(() => effectiveEnvironment(config().config, processEnv));
  const providers = once(() => providersOf(config().config));
  const openStores = (use: DatabaseUse) => {
    ensurePrivateDirectory(paths.stateDir);
    return storesOver(Database.open(paths.databaseFile, use), closers);
  };
  let opened: Stores | undefined;
  const stores = once(() => {
    opened = openStores('cli');
    return opened;
  });
  const gatewayStores = once(() => openStores('gateway'));
  const managementStores = once(() => openStores('management'));
  const storesForReading = once(() => {
    assertReachable(paths);
    const database = Database.openForReading(paths.databaseFile);
    return database && storesOver(database, closers);
  });
  const vault = once(() =>
    openVault(config().config.vault?.kind ?? noVaultChosen(), {
      stateDir: paths.stateDir,
      env: env(),
      clock: now,
      ...(askPassphrase && { askPassphrase }),
    }),
  );
  const credentials = (actor = thisPerson()) =>
    new Credentials({ database: stores().database, vault: vault(), actor, now });
  const auditKey = () =>
    new AuditKey({
      vault,
      lockPath: `${paths.databaseFile}.audit-key-lock`,
      wasUsed: () => {
        const database = storesForReading()?.database;
        return database !== undefined && lastSealed(database) !== undefined;
      },
    });
  const upstream = once(() => {
    const { network, gateway } = config().config;
    const opened = new Upstream({
      connectMs: gateway.timeouts.connectMs,
      proxyUrl: network.proxyUrl ?? env().HTTPS_PROXY ?? env().https_proxy,
      noProxy: network.noProxy ?? env().NO_PROXY ?? env().no_proxy,
      caFile: network.caFile,
    });
    closers.push(() => void opened.close());
    return opened;
  });
  const close = () => {
    for (const closer of closers.splice(0).reverse()) closer();
  };
  return {
    get env() {
      return env();
    },
    processEnv,
    now,
    paths,
    config,
    providers,
    stores,
    openedStores: () => opened,
    gatewayStores,
    managementStores,
    storesForReading,
    vault,
    auditKey,
    credentials,
    upstream,
    close,
  };
}

function storesOver(database: Database, closers: (() => void)[]): Stores {
  closers.push(() => database.close());
  return {
    database,
    agents: new AgentStore(database),
    tokens: new TokenStore(database),
    pauses: new PauseStore(database),
    adminKeys: new AdminKeyStore(database),
    audit: new AuditLog(database),
    alerts: new AlertStore(database),
    ledger: new LedgerStore(database),
    profiles: new ProfileStore(database),
    grants: new GrantStore(database),
    health: new HealthStore(database),
  };
}

/** A state directory that is not there yet is fine to read from; one that could never be made is said before it looks empty. */
function assertReachable({ stateDir, databaseFile }: Paths): void {
  try {
    accessSync(databaseFile);
  } catch (error) {
    if (systemCode(error) !== 'ENOTDIR') return;
    throw new MoltbotError('NOT_PERMITTED', `${printable(stateDir)} cannot be a directory: a file is in its way.`, {
      hint: 'Set MOLTBOT_HOME to a directory of your own, or leave it unset for ~/.moltbot.',
    });
  }
}

/** Which vault is a person's choice, made once; nothing is picked behind their back. */
function noVaultChosen(): never {
  throw new MoltbotError('VAULT_UNAVAILABLE', 'No vault has been chosen yet.', {
    hint: 'Store a first credential: moltbot onboard',
  });
}

/** Computes on first call and remembers the answer. A failure is not remembered. */
function once<T>(compute: () => T): () => T {
  let known: { value: T } | undefined;
  return () => {
    known ??= { value: compute() };
    return known.value;
  };
}
