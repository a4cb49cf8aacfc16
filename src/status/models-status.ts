import type { Gate } from '../agents/policy-gates.ts';
import type { CacheTtl } from '../catalog/model-price.ts';
import type { CredentialType } from '../providers/provider.ts';
import type { UnusableProfile } from '../rotation/describe.ts';
import type { Limit } from '../rotation/limits.ts';
import type { AgentPause } from './agent-pause.ts';
import type { BudgetStatus } from './budget-status.ts';
import type { ProviderStatus } from './provider-status.ts';

/** One profile as `models status` lists it. Times are epoch ms. */
export interface ProfileStatus {
  readonly profileId: string;
  readonly provider: string;
  readonly type: CredentialType;
  /** Masked; of a key in the environment the variable's name. */
  readonly label: string;
  readonly source: 'own' | 'grant' | 'env' | 'config';
  /** Of a granted one: its owner, and how far it may be used (null: no limit). */
  readonly grantedBy?: string;
  readonly models?: readonly string[] | null;
  readonly requestsPerMinute?: number | null;
  /** Agents that an own one is granted to. */
  readonly grantedTo?: readonly string[];
  /** For a key in the environment: whose environment it is. Only the gateway's counts. */
  readonly seenBy?: 'gateway' | 'cli';
  readonly baseUrl?: string;
  /** Null for a key that is not stored. */
  readonly createdAt: number | null;
  readonly lastUsedAt?: number;
  readonly expiresAt?: number;
  /** Nobody said when it expires: a setup-token lives for a year. */
  readonly expiryAssumed?: true;
  readonly remainingMs?: number;
  /** `static`: has no expiry. `expiring`: within 14 days. */
  readonly status: 'ok' | 'expiring' | 'expired' | 'static';
  /** Older than 90 days. */
  readonly rotateDue: boolean;
  /** Its place, from 1, among those that may serve now; null when the order or pin leaves it out or it has expired. */
  readonly order: number | null;
  /** What its provider last said of its limits; empty while nothing has been heard. */
  readonly limits: readonly Limit[];
}

export interface CachePolicy {
  readonly model: string;
  /** As it is set. */
  readonly cacheControlTtl: CacheTtl | 'auto' | null;
  /** What `auto` is now. */
  readonly chosen?: CacheTtl;
  readonly applies: boolean;
  readonly why: string;
}

export interface ProbeResult {
  readonly profileId: string;
  readonly model: string;
  readonly status: 'ok' | 'rate_limit' | 'billing' | 'auth' | 'model_denied' | 'unreachable' | 'missing';
  readonly latencyMs: number;
  readonly detail: string;
}

/** `models status --json`. Times are epoch ms. Scripts compare these names. */
export interface ModelsStatus {
  readonly schemaVersion: 1;
  readonly configPath: string;
  readonly stateDir: string;
  readonly agentId: string;
  readonly gateway: {
    readonly running: boolean;
    readonly pid?: number;
    readonly url?: string;
    readonly host: string;
    readonly user: string;
  };
  /** As written in the config. */
  readonly defaultModel: string | null;
  /** `provider/model` after aliases and spellings. */
  readonly resolvedDefault: string | null;
  readonly fallbacks: readonly string[];
  readonly aliases: Readonly<Record<string, string>>;
  /** The only models its policy allows; empty where it has no such list. */
  readonly allowed: readonly string[];
  readonly auth: {
    readonly vault: { readonly kind: 'keychain' | 'file' | null; readonly available: boolean };
    readonly missingProvidersInUse: readonly string[];
    readonly providers: readonly ProviderStatus[];
    readonly profiles: readonly ProfileStatus[];
    readonly unusableProfiles: readonly UnusableProfile[];
    readonly cachePolicy: readonly CachePolicy[];
  };
  /** Null: it is not paused. */
  readonly pause: AgentPause | null;
  readonly gates: readonly Gate[];
  /** Those that something of this agent may count in. */
  readonly budgets: readonly BudgetStatus[];
  readonly probe?: { readonly results: readonly ProbeResult[] };
}
