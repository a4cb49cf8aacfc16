import { setTimeout as sleep } from 'node:timers/promises';
import { watchConfig } from '../config/watch.ts';
import type { ErrorCode } from '../core/errors.ts';
import { RetestStore } from '../profiles/retest-store.ts';
import { servingRecords } from '../profiles/serving-records.ts';
import { SessionMap } from '../rotation/sessions.ts';
import { Authenticator } from './admit/authenticate.ts';
import { Brake } from './admit/brake.ts';
import { FailedLogins } from './admit/failed-logins.ts';
import { Limits } from './admit/limits.ts';
import { Standings } from './admit/standings.ts';
import { OpenAnswers } from './answer/open-answers.ts';
import { openBudgets } from './budget/open-budgets.ts';
import { GrantUses } from './choose/grant-uses.ts';
import { HeldCredentials } from './choose/held-credentials.ts';
import { dispatch } from './dispatch.ts';
import { drain } from './drain.ts';
import type { GatewayDependencies } from './gateway-dependencies.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { keepCertificate } from './keep-certificate.ts';
import { createListener, listen } from './listener.ts';
import { listeningUrl } from './listening-url.ts';
import { alertsOf } from './state/alerts-of.ts';
import { CacheTtls } from './state/cache-ttls.ts';
import { CatalogWatch } from './state/catalog-watch.ts';
import { Counters } from './state/counters.ts';
import { watchDisk } from './state/disk-alerts.ts';
import { GatewayBooks } from './state/gateway-books.ts';
import { HealthBook } from './state/health-book.ts';
import { Heartbeat } from './state/heartbeat.ts';
import { LaterWrites } from './state/later-writes.ts';
import { LiveConfig } from './state/live-config.ts';
import { OwnedIds } from './state/owned-ids.ts';
import { Persistence } from './state/persist.ts';
import { type AgentSpendLimit, SpendLimits } from './state/spend-limits.ts';
import { warmUp } from './state/warm-up.ts';
import { StateWatch } from './state/watch-state.ts';
import { IdleTicker } from './stream/idle-ticker.ts';

/** How long a stopping gateway waits for its vault. */
const VAULT_GRACE_MS = 2_000;

/** A change of the config file that the gateway met while it ran. */
export interface ConfigReload {
  readonly atMs: number;
  /** Dotted paths, never values. */
  readonly changed: readonly string[];
  readonly needsRestart: readonly string[];
  /** Why nothing of it was taken over; null where it was. */
  readonly refusedWith: ErrorCode | null;
}

export interface RunningGateway {
  /** `http://127.0.0.1:8400` */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** What it did since it started. */
  readonly counters: Counters;
  /** Requests being served now. */
  openRequests(): number;
  lastReload(): ConfigReload | undefined;
  /** Agents that a provider's own spend limit pauses, as of the last second. */
  spendLimits(): readonly AgentSpendLimit[];
  /** Refuses new requests, gives running answers `graceMs`, then ends them visibly. Resolves when all is closed. */
  drain(graceMs: number): Promise<void>;
  readonly closed: Promise<void>;
}

/** Opens the proxy listener. Fails with PORT_TAKEN, NOT_PERMITTED and what the state database fails with. */
export async function startGateway(
  { app, log }: GatewayDependencies,
  options: { readonly host: string; readonly port: number },
): Promise<RunningGateway> {
  const stores = app.gatewayStores();
  const { database, tokens, profiles, grants } = stores;
  const catalog = new CatalogWatch(app.paths.catalogFile, log);
  const persistence = new Persistence((error) => log.error({ code: error.code }, error.message));
  const live = new LiveConfig(app.config().config, app.processEnv, (agentId) =>
    servingRecords(profiles, grants, agentId),
  );
  const later = new LaterWrites(database, profiles);
  const authenticator = new Authenticator(tokens);
  const standings = new Standings(stores);
  const health = new HealthBook(stores.health, persistence.write);
  const openAnswers = new OpenAnswers();
  const counters = new Counters(app.now());
  const tls = live.config.gateway.tls;
  const state = { isDraining: false, port: options.port, reload: undefined as ConfigReload | undefined };
  const alerts = alertsOf(
    { app, log },
    {
      store: stores.alerts,
      persist: persistence.write,
      gatewayUrl: () => listeningUrl(options.host, state.port, tls !== undefined),
    },
  );
  const { budgets, usual } = openBudgets({
    config: () => live.config,
    stores,
    persist: persistence.write,
    tell: (alert) => alerts.tell(alert),
    now: app.now,
  });
  const kept = new GatewayBooks({
    stores,
    onCompleted: budgets.completed,
    config: () => live.config,
    readKey: () => app.auditKey().readOrMake(),
    persist: persistence.write,
    log,
    now: app.now,
  });
  const cacheTtls = new CacheTtls({
    database,
    config: () => live.config,
    persist: persistence.write,
    log,
    now: app.now,
  });
  const credentials = new HeldCredentials({
    read: (agentId, profileId, origin) => app.credentials('gateway').read(agentId, profileId, origin),
    environmentKeyOf: (providerId) => live.environmentKeyOf(providerId),
  });
  const watch = new StateWatch({
    database,
    tokens,
    profiles,
    grants,
    authenticator,
    standings,
    health,
    openAnswers,
    persistence,
    forgetRosters: () => live.forgetRosters(),
    streamGraceMs: () => live.config.gateway.streamGraceMs,
    now: app.now,
  });
  const allowedHosts = new Set(live.config.gateway.allowedHosts.map((host) => host.toLowerCase()));
  const parts: GatewayParts = {
    now: app.now,
    log,
    config: () => live.config,
    providers: () => live.providers,
    identity: () => ({ port: state.port, isTls: tls !== undefined, allowedHosts, setting: 'gateway.allowedHosts' }),
    rosterOf: (agentId, provider) => live.rosterOf(agentId, provider),
    books: stores,
    authenticator,
    standings,
    limits: new Limits(),
    failedLogins: new FailedLogins(),
    brake: new Brake(),
    health,
    grantUses: new GrantUses(),
    sessions: new SessionMap(later.loadSessions()),
    ownedIds: new OwnedIds(database),
    later,
    ledger: kept.ledger,
    refusals: kept.refusals,
    persist: persistence.write,
    alerts,
    budgets,
    usual,
    paidCrossings: new Set(),
    credentials,
    upstream: app.upstream(),
    openAnswers,
    cacheTtls,
    counters,
    disk: watchDisk({ database, config: () => live.config, tell: (alert) => alerts.tell(alert), now: app.now }),
    ticker: new IdleTicker(),
    refresh: () => watch.refresh(),
    refreshAgain: () => watch.refreshAgain(),
    noteOwnWrite: () => watch.noteOwnWrite(),
    isDraining: () => state.isDraining,
  };
  await kept.open();
  const server = createListener((request, response) => void dispatch(parts, request, response), tls);
  if (tls) keepCertificate(server, tls, log);
  state.port = await listen(server, options.host, options.port);
  const url = listeningUrl(options.host, state.port, tls !== undefined);
  kept.started(url);
  const configWatch = watchConfig(
    app.config(),
    app.processEnv,
    (change) => {
      live.replace(change.config);
      const { changed, needsRestart } = change;
      state.reload = { atMs: app.now(), changed, needsRestart, refusedWith: null };
      kept.configChanged(app.config().path, changed);
      log.info({ changed, needsRestart }, 'configuration taken over');
    },
    (error) => {
      state.reload = { atMs: app.now(), changed: [], needsRestart: [], refusedWith: error.code };
      log.error({ code: error.code }, `configuration ignored: ${error.message}`);
    },
  );
  const spendLimits = new SpendLimits(parts, new RetestStore(database));
  const heartbeat = new Heartbeat(parts, watch, kept, spendLimits, catalog);
  heartbeat.start();
  const warm = warmUp(parts, profiles, () => app.credentials('gateway'));
  let finished: (() => void) | undefined;
  const closed = new Promise<void>((resolve) => {
    finished = resolve;
  });
  return {
    url,
    host: options.host,
    port: state.port,
    counters,
    openRequests: () => openAnswers.size,
    lastReload: () => state.reload,
    spendLimits: () => spendLimits.current,
    closed,
    async drain(graceMs) {
      state.isDraining = true;
      configWatch.close();
      await drain(server, openAnswers, graceMs);
      await parts.alerts.close();
      heartbeat.stop(url);
      catalog.close();
      // The vault may be writing just now, right after a start: it is done, or given up, when this gateway is over.
      const settled = Promise.all([warm, kept.settled()]).then(() => true);
      if (await Promise.race([settled, sleep(VAULT_GRACE_MS, false, { ref: false })])) kept.seal();
      finished?.();
    },
  };
}
