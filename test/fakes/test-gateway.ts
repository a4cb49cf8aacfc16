import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { AgentStore } from '../../src/agents/agent-store.ts';
import { PauseStore } from '../../src/agents/pause-store.ts';
import { TokenStore } from '../../src/agents/token-store.ts';
import { AlertStore } from '../../src/alerts/alert-store.ts';
import { AuditKey } from '../../src/audit/audit-key.ts';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Database } from '../../src/database/database.ts';
import { type RunningGateway, startGateway } from '../../src/gateway/gateway.ts';
import type { GatewayDependencies } from '../../src/gateway/gateway-dependencies.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { Credentials } from '../../src/profiles/credentials.ts';
import { GrantStore } from '../../src/profiles/grant-store.ts';
import { HealthStore } from '../../src/profiles/health-store.ts';
import { ProfileStore } from '../../src/profiles/profile-store.ts';
import { Upstream } from '../../src/providers/upstream.ts';
import type { ScriptInput } from '../../src/simulator/script-schema.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { MemoryVault } from '../../src/vault/memory.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { type RawRequest, type RawResponse, sendRequest } from './raw-request.ts';
import { storeProfile, type TestProfile, withSimulator } from './simulated-profiles.ts';

export interface TestGatewayOptions {
  readonly config?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  readonly script?: ScriptInput;
  readonly vault?: Vault;
  /** Profiles to store: `first` is `anthropic:first` with a key the simulator knows as `first`. */
  readonly profiles?: readonly (string | TestProfile)[];
  /** Use this folder instead of a new one: for a restart. */
  readonly home?: string;
  readonly simulator?: Simulator;
  /** Its clock stands still at this time until it is moved. */
  readonly standsAtMs?: number;
}

/**
 * A whole gateway over a real SQLite file and a real upstream (the simulator), on free ports. Only the vault is in memory
 * and the clock can be moved. `await using` ends it.
 */
export class TestGateway implements AsyncDisposable {
  readonly home: string;
  readonly simulator: Simulator;
  readonly database: Database;
  readonly tokens: TokenStore;
  readonly agents: AgentStore;
  readonly profiles: ProfileStore;
  readonly health: HealthStore;
  readonly credentials: Credentials;
  readonly vault: Vault;
  readonly gateway: RunningGateway;
  readonly dependencies: GatewayDependencies;
  readonly logLines: string[];
  readonly clock: { offsetMs: number };
  /** A valid token of `main` for everything. */
  readonly token: string;

  private constructor(
    parts: Omit<
      TestGateway,
      | 'url'
      | 'post'
      | 'send'
      | 'states'
      | 'windows'
      | 'served'
      | 'issue'
      | 'now'
      | 'move'
      | 'writeConfig'
      | 'stop'
      | typeof Symbol.asyncDispose
    >,
  ) {
    this.home = parts.home;
    this.simulator = parts.simulator;
    this.database = parts.database;
    this.tokens = parts.tokens;
    this.agents = parts.agents;
    this.profiles = parts.profiles;
    this.health = parts.health;
    this.credentials = parts.credentials;
    this.vault = parts.vault;
    this.gateway = parts.gateway;
    this.dependencies = parts.dependencies;
    this.logLines = parts.logLines;
    this.clock = parts.clock;
    this.token = parts.token;
  }

  static async start(options: TestGatewayOptions = {}): Promise<TestGateway> {
    const home = options.home ?? mkdtempSync(join(tmpdir(), 'moltbot-gateway-'));
    const simulator = options.simulator ?? (await startSimulator());
    if (options.script) simulator.setScript(options.script);
    const clock = { offsetMs: 0 };
    const now = () => (options.standsAtMs ?? Date.now()) + clock.offsetMs;
    const configFile = join(home, 'moltbot.json');
    if (!options.home || options.config) {
      writeFileSync(configFile, JSON.stringify(withSimulator(options.config ?? {}, simulator)), { mode: 0o600 });
    }
    const path = join(home, 'state.sqlite');
    const database = Database.open(path);
    const gatewayDatabase = Database.open(path, 'gateway');
    const vault = options.vault ?? new MemoryVault();
    const credentials = new Credentials({ database, vault, actor: 'person:tester' });
    for (const profile of options.profiles ?? []) await storeProfile(credentials, simulator, profile, now());
    const tokens = new TokenStore(database);
    const { log, lines } = memoryLog();
    const upstream = new Upstream({ connectMs: 2_000 });
    const loaded = loadConfig(configFile, options.env ?? {});
    const auditKey = new AuditKey({ vault: () => vault, lockPath: join(home, 'audit-key-lock'), wasUsed: () => false });
    const dependencies = {
      app: {
        processEnv: options.env ?? {},
        now,
        paths: { catalogFile: join(home, 'catalog.json') },
        config: () => loaded,
        gatewayStores: () => storesOver(gatewayDatabase),
        credentials: () => new Credentials({ database: gatewayDatabase, vault, actor: 'gateway' }),
        auditKey: () => auditKey,
        upstream: () => upstream,
      },
      log,
    };
    const gateway = await startGateway(dependencies, { host: '127.0.0.1', port: 0 });
    const parts = {
      home,
      simulator,
      database,
      tokens,
      agents: new AgentStore(database),
      profiles: new ProfileStore(database),
      health: new HealthStore(database),
      credentials,
      vault,
      gateway,
      dependencies,
      logLines: lines,
      clock,
      token: tokens.issue({ agentId: 'main', ttlMs: 3_600_000 }, now()).token.reveal(),
    };
    return new TestGateway(parts);
  }

  get url(): string {
    return this.gateway.url;
  }

  now(): number {
    return this.dependencies.app.now();
  }

  /** Moves the gateway's clock. */
  move(ms: number): void {
    this.clock.offsetMs += ms;
  }

  issue(agentId = 'main', ttlMs = 600_000): { token: string; accessor: string } {
    this.agents.add(agentId, this.now());
    const { token, record } = this.tokens.issue({ agentId, ttlMs }, this.now());
    return { token: token.reveal(), accessor: record.accessor };
  }

  /** `POST /v1/proxy/<path>` with a small Messages (or chat) body unless another is given. */
  post(
    options: {
      path?: string;
      body?: unknown;
      headers?: Record<string, string>;
      token?: string;
      signal?: AbortSignal;
    } = {},
  ): Promise<Response> {
    const path = options.path ?? 'anthropic/v1/messages';
    const body = options.body ?? SMALL;
    return fetch(`${this.url}/v1/proxy/${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${options.token ?? this.token}`,
        'content-type': 'application/json',
        ...(path.startsWith('anthropic') && { 'anthropic-version': '2023-06-01' }),
        ...options.headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(options.signal && { signal: options.signal }),
    });
  }

  /** What is known against profiles, in the fewest words: `anthropic:first rate_limit`. */
  states(): string[] {
    return this.health
      .list()
      .map((state) => [state.profileId, state.reason, ...(state.model ? [state.model] : [])].join(' '));
  }

  /** The same as whole values, times as the length of the window in seconds (to the nearest ten). */
  windows(): Record<string, unknown>[] {
    return this.health.list().map(({ sinceMs, untilMs, lastFailureMs, ...state }) => ({
      ...state,
      windowSeconds: untilMs === null ? null : Math.round((untilMs - sinceMs) / 10_000) * 10,
    }));
  }

  /** Which credential the provider saw, and what it answered: `first 429`. */
  served(): string[] {
    return this.simulator.requests.map(({ credentials, status }) =>
      [...credentials.map(({ name }) => name ?? 'unknown'), status ?? 'nothing'].join(' '),
    );
  }

  /** A request as the wire has it: Node's own client, which adds nothing to the headers but host and framing. */
  send(path: string, options: RawRequest = {}): Promise<RawResponse> {
    return sendRequest(`${this.url}${path}`, { token: this.token, ...options });
  }

  /** Replaces the config file, as a person's editor would. */
  writeConfig(config: Record<string, unknown> | string): void {
    const text = typeof config === 'string' ? config : JSON.stringify(withSimulator(config, this.simulator));
    writeFileSync(join(this.home, 'moltbot.json'), text, { mode: 0o600 });
  }

  /** Ends the gateway and keeps the folder, for a restart. */
  async stop(): Promise<void> {
    await this.gateway.drain(0);
    this.database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop().catch(() => undefined);
    await this.simulator.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** A request every simulated model answers. */
export const SMALL = { model: 'claude-haiku-4-5', max_tokens: 20, messages: [{ role: 'user', content: 'Hi' }] };

function storesOver(database: Database) {
  return {
    database,
    agents: new AgentStore(database),
    pauses: new PauseStore(database),
    tokens: new TokenStore(database),
    profiles: new ProfileStore(database),
    grants: new GrantStore(database),
    health: new HealthStore(database),
    audit: new AuditLog(database),
    alerts: new AlertStore(database),
    ledger: new LedgerStore(database),
  };
}

function memoryLog(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  return { log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }), lines };
}
