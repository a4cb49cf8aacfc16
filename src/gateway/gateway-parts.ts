import type { Logger } from 'pino';
import type { AgentBooks } from '../agents/change-agents.ts';
import type { Alerts } from '../alerts/alerts.ts';
import type { UsualCosts } from '../budgets/usual-costs.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../core/time.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { ServingStores } from '../profiles/assert-serves.ts';
import type { Provider } from '../providers/provider.ts';
import type { Upstream } from '../providers/upstream.ts';
import type { SessionMap } from '../rotation/sessions.ts';
import type { Authenticator } from './admit/authenticate.ts';
import type { Brake } from './admit/brake.ts';
import type { FailedLogins } from './admit/failed-logins.ts';
import type { Limits } from './admit/limits.ts';
import type { Standings } from './admit/standings.ts';
import type { OpenAnswers } from './answer/open-answers.ts';
import type { BudgetBook } from './budget/budget-book.ts';
import type { GrantUses } from './choose/grant-uses.ts';
import type { HeldCredentials } from './choose/held-credentials.ts';
import type { Roster } from './choose/roster.ts';
import type { ListenerIdentity } from './headers/hygiene.ts';
import type { CacheTtls } from './state/cache-ttls.ts';
import type { Counters } from './state/counters.ts';
import type { DiskWatch } from './state/disk-watch.ts';
import type { HealthBook } from './state/health-book.ts';
import type { LaterWrites } from './state/later-writes.ts';
import type { OwnedIds } from './state/owned-ids.ts';
import type { Refusals } from './state/refusals.ts';
import type { IdleTicker } from './stream/idle-ticker.ts';

/** What the steps of the pipeline work with. Made once, in `gateway.ts`. */
export interface GatewayParts {
  readonly now: Clock;
  readonly log: Logger;
  /** The configuration as it is now; a reload puts another in its place. */
  readonly config: () => Config;
  readonly providers: () => ReadonlyMap<string, Provider>;
  readonly identity: () => ListenerIdentity;
  readonly rosterOf: (agentId: string, provider: Provider) => Roster;
  /** Agents, tokens and the record of who changed them; say `noteOwnWrite` after a change. */
  readonly books: AgentBooks & ServingStores;
  readonly authenticator: Authenticator;
  /** What agents may do, and whether they are paused. */
  readonly standings: Standings;
  readonly limits: Limits;
  readonly failedLogins: FailedLogins;
  readonly brake: Brake;
  readonly health: HealthBook;
  readonly grantUses: GrantUses;
  readonly sessions: SessionMap;
  readonly ownedIds: OwnedIds;
  readonly ledger: Ledger;
  readonly budgets: BudgetBook;
  /** What requests usually take. */
  readonly usual: UsualCosts;
  readonly refusals: Refusals;
  readonly later: LaterWrites;
  /** Tells people. Call it outside of transactions: what it keeps must not go with them. */
  readonly alerts: Alerts;
  /** Runs a write now, or again soon when the database is busy. */
  readonly persist: (write: () => void) => void;
  /** `agent/provider` whose requests have gone on from a subscription to a paid key. */
  readonly paidCrossings: Set<string>;
  readonly credentials: HeldCredentials;
  readonly upstream: Upstream;
  readonly openAnswers: OpenAnswers;
  readonly cacheTtls: CacheTtls;
  readonly counters: Counters;
  readonly disk: DiskWatch;
  readonly ticker: IdleTicker;
  /** Takes in what other processes wrote; throws when the state cannot be read or written. */
  readonly refresh: () => void;
  /** The same for a request that has refreshed before: nothing where that was just now. */
  readonly refreshAgain: () => void;
  /** Has what this process itself wrote taken in like what others write: at the next request, and by open answers. */
  readonly noteOwnWrite: () => void;
  readonly isDraining: () => boolean;
}
