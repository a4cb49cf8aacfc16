import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, openApp } from '../../app.ts';
import { Secret } from '../../core/secret.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';

/** The two credentials of the demo; the simulator answers the first one with 429. */
const DEMO_PROFILES = ['anthropic:first', 'anthropic:second'] as const;

/** A temporary home with two credentials in a file vault, and the provider they belong to. */
export interface DemoWorld {
  /** What another moltbot needs in its environment to look at this home. */
  readonly environment: { readonly MOLTBOT_HOME: string; readonly MOLTBOT_VAULT_KEY_FILE: string };
  readonly app: App;
  readonly simulator: Simulator;
  /** Ends the simulator and deletes the home. */
  close(): Promise<void>;
}

/** Nothing of the person's own set-up is read or written, and no port is fixed. */
export async function openDemoWorld(): Promise<DemoWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'moltbot-demo-'));
  const environment = { MOLTBOT_HOME: join(directory, 'home'), MOLTBOT_VAULT_KEY_FILE: join(directory, 'vault.key') };
  const simulator = await startSimulator({ scenario: 'rate-limited-first' });
  mkdirSync(environment.MOLTBOT_HOME, { mode: 0o700 });
  writeFileSync(join(environment.MOLTBOT_HOME, 'moltbot.json'), demoConfig(simulator), { mode: 0o600 });
  const app = openApp(environment);
  const close = async () => {
    app.close();
    await simulator.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    for (const profileId of DEMO_PROFILES) await storeKey(app, simulator, profileId);
    return { environment, app, simulator, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function demoConfig(simulator: Simulator): string {
  return `${JSON.stringify(
    {
      vault: { kind: 'file' },
      gateway: { port: 0 },
      auth: { order: { anthropic: DEMO_PROFILES } },
      models: { providers: { anthropic: { baseUrl: simulator.baseUrls.anthropic } } },
    },
    null,
    2,
  )}\n`;
}

async function storeKey(app: App, simulator: Simulator, profileId: string): Promise<void> {
  const secret = new Secret(simulator.issueKey('anthropic', profileId.split(':')[1]!));
  const credential = { agentId: 'main', profileId, provider: 'anthropic', type: 'api_key', secret } as const;
  const rest = { origin: simulator.url, baseUrl: null, expiresAtMs: null, expiryAssumed: false };
  await app.credentials().save({ ...credential, ...rest }, app.now());
}
