import type { Logger } from 'pino';
import type { App } from '../app.ts';
import { loadConfig } from '../config/load.ts';
import { MINUTE_MS } from '../core/time.ts';
import { FailedLogins } from '../gateway/admit/failed-logins.ts';
import type { RunningGateway } from '../gateway/gateway.ts';
import { Persistence } from '../gateway/state/persist.ts';
import { Refusals } from '../gateway/state/refusals.ts';
import { Credentials } from '../profiles/credentials.ts';
import { providersOf } from '../providers/registry.ts';
import { EventStreams } from './events/event-streams.ts';
import type { Management } from './management.ts';

/** Wrong guard passphrases in a minute; after that, right ones are not looked at either. */
const GUARD_TRIES = 5;

export interface BesideGateway {
  readonly app: App;
  readonly log: Logger;
  readonly gateway: RunningGateway;
}

/** What the routes work with, over a connection of its own to the state. */
export function createManagement({ app, log, gateway }: BesideGateway, isStopping: () => boolean): Management {
  const stores = app.managementStores();
  const persistence = new Persistence((error) => log.error({ code: error.code }, error.message));
  const config = () => loadConfig(app.paths.configFile, app.processEnv);
  const sources = {
    audit: stores.audit,
    alerts: stores.alerts,
    healthStates: () => stores.health.list(),
    lastReload: () => gateway.lastReload(),
    spendLimits: () => gateway.spendLimits(),
  };
  return {
    app,
    log,
    now: app.now,
    stores,
    failedLogins: new FailedLogins(),
    refusals: new Refusals(stores.audit, persistence.write, app.now),
    guardTries: new FailedLogins(GUARD_TRIES, MINUTE_MS),
    gateway,
    events: new EventStreams(sources, app.now, isStopping),
    isStopping,
    credentials: (actor) => new Credentials({ database: stores.database, vault: app.vault(), actor, now: app.now }),
    config,
    providers: () => providersOf(config().config),
  };
}
