import type { Logger } from 'pino';
import type { AgentStore } from '../agents/agent-store.ts';
import type { PauseStore } from '../agents/pause-store.ts';
import type { TokenStore } from '../agents/token-store.ts';
import type { AlertStore } from '../alerts/alert-store.ts';
import type { Actor } from '../audit/actor.ts';
import type { AuditKey } from '../audit/audit-key.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Environment } from '../config/environment.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Paths } from '../config/paths.ts';
import type { Clock } from '../core/time.ts';
import type { Database } from '../database/database.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';
import type { Credentials } from '../profiles/credentials.ts';
import type { GrantStore } from '../profiles/grant-store.ts';
import type { HealthStore } from '../profiles/health-store.ts';
import type { ProfileStore } from '../profiles/profile-store.ts';
import type { Upstream } from '../providers/upstream.ts';

/** What the gateway is made of from outside; the app is one. */
export interface GatewayDependencies {
  readonly app: {
    readonly processEnv: Environment;
    readonly now: Clock;
    readonly paths: Pick<Paths, 'catalogFile'>;
    config(): LoadedConfig;
    /** Stores over a connection that never waits long for a lock. */
    gatewayStores(): {
      readonly database: Database;
      readonly agents: AgentStore;
      readonly pauses: PauseStore;
      readonly tokens: TokenStore;
      readonly profiles: ProfileStore;
      readonly grants: GrantStore;
      readonly health: HealthStore;
      readonly audit: AuditLog;
      readonly alerts: AlertStore;
      readonly ledger: LedgerStore;
    };
    /** Changes are written down as made by this actor. */
    credentials(actor: Actor): Credentials;
    /** What seals the audit, in the vault. */
    auditKey(): AuditKey;
    upstream(): Upstream;
  };
  readonly log: Logger;
}
