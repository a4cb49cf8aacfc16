import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { AdminRole } from '../../src/agents/admin-key.ts';
import { createAdminKey } from '../../src/agents/change-admin-keys.ts';
import { type App, openApp } from '../../src/app.ts';
import { type RunningGateway, startGateway } from '../../src/gateway/gateway.ts';
import { type RunningManagement, startManagement } from '../../src/management/start-management.ts';
import type { ScriptInput } from '../../src/simulator/script-schema.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { CheckedClient } from './checked-client.ts';
import { withSimulator } from './simulated-profiles.ts';

export interface TestManagementOptions {
  readonly config?: Record<string, unknown>;
  readonly script?: ScriptInput;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A gateway with both management listeners: real database, real file vault, the simulator as the provider. Every answer
 * that its clients get is checked against the OpenAPI document. `await using` ends it.
 */
export class TestManagement implements AsyncDisposable {
  readonly home: string;
  readonly app: App;
  readonly simulator: Simulator;
  readonly gateway: RunningGateway;
  readonly management: RunningManagement;
  readonly logLines: readonly string[];
  readonly clock: { offsetMs: number };
  /** Over the socket: as the owner. */
  readonly socket: CheckedClient;

  private constructor(parts: Omit<TestManagement, 'tcp' | 'withKey' | 'writeConfig' | typeof Symbol.asyncDispose>) {
    this.home = parts.home;
    this.app = parts.app;
    this.simulator = parts.simulator;
    this.gateway = parts.gateway;
    this.management = parts.management;
    this.logLines = parts.logLines;
    this.clock = parts.clock;
    this.socket = parts.socket;
  }

  static async start({ config = {}, script, env: extra }: TestManagementOptions = {}): Promise<TestManagement> {
    const home = mkdtempSync(join(tmpdir(), 'moltbot-management-'));
    const simulator = await startSimulator();
    if (script) simulator.setScript(script);
    const written = { vault: { kind: 'file' }, management: { http: { port: 0 } }, ...config };
    writeFileSync(join(home, 'moltbot.json'), JSON.stringify(withSimulator(written, simulator)), { mode: 0o600 });
    const clock = { offsetMs: 0 };
    const env = { HOME: home, MOLTBOT_HOME: home, MOLTBOT_VAULT_KEY_FILE: join(home, 'keys', 'vault.key'), ...extra };
    const app = openApp(env, undefined, () => Date.now() + clock.offsetMs);
    const logLines: string[] = [];
    const log = pino({ level: 'debug' }, { write: (line: string) => void logLines.push(line) });
    const gateway = await startGateway({ app, log }, { host: '127.0.0.1', port: 0 });
    const management = await startManagement({ app, log, gateway });
    const socket = await CheckedClient.connect({ socketPath: management.socket });
    return new TestManagement({ home, app, simulator, gateway, management, logLines, clock, socket });
  }

  /** Over TCP, with a new admin key of that role. */
  tcp(role: AdminRole = 'owner'): CheckedClient {
    const by = { actor: 'person:tester', nowMs: this.app.now() } as const;
    return this.withKey(createAdminKey(this.app.stores(), { role, label: 'test' }, by).key.reveal());
  }

  /** Over TCP, with that text as the key; null sends none. */
  withKey(key: string | null): CheckedClient {
    return this.socket.elsewhere({ url: this.management.url!, key });
  }

  /** Replaces the config file, as a person's editor would. */
  writeConfig(config: Record<string, unknown>): void {
    const written = withSimulator({ vault: { kind: 'file' }, ...config }, this.simulator);
    writeFileSync(join(this.home, 'moltbot.json'), JSON.stringify(written), { mode: 0o600 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.management.stop();
    await this.gateway.drain(0);
    this.app.close();
    await this.simulator.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}
