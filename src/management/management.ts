import type { Logger } from 'pino';
import type { App, Stores } from '../app.ts';
import type { Actor } from '../audit/actor.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Clock } from '../core/time.ts';
import type { FailedLogins } from '../gateway/admit/failed-logins.ts';
import type { RunningGateway } from '../gateway/gateway.ts';
import type { Refusals } from '../gateway/state/refusals.ts';
import type { Credentials } from '../profiles/credentials.ts';
import type { Provider } from '../providers/provider.ts';
import type { EventStreams } from './events/event-streams.ts';

/** What the routes work with. Made once, in `start-management.ts`. */
export interface Management {
  readonly app: App;
  readonly log: Logger;
  readonly now: Clock;
  /**
   * Over a connection of its own: what is written here is somebody else's change for the proxy, which takes it in at its
   * next request and cuts streams within a second, as it does for the command line.
   */
  readonly stores: Stores;
  readonly failedLogins: FailedLogins;
  /** Who was refused, in the audit; above a rate only how many. */
  readonly refusals: Refusals;
  /** Tries of the guard passphrase, each of which stops the event loop for a moment. */
  readonly guardTries: FailedLogins;
  /** The proxy beside which it runs: for its counts. */
  readonly gateway: RunningGateway;
  readonly events: EventStreams;
  /** Answers that go on end themselves then. */
  readonly isStopping: () => boolean;
  /** Fails with VAULT_UNAVAILABLE while no vault has been chosen. */
  credentials(actor: Actor): Credentials;
  /** The configuration as the file says now. Fails with CONFIG_INVALID and its kin. */
  config(): LoadedConfig;
  providers(): ReadonlyMap<string, Provider>;
}
