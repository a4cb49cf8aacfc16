import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type CliHome, cliHome, outputUntil, runCli, startCli } from '../fakes/cli.ts';

/** The built program in a home of its own, with a key of a simulator in its file vault. */
export interface CliSetup extends AsyncDisposable {
  readonly home: CliHome;
  readonly simulator: Simulator;
  /** The stored key of `anthropic:default`. */
  readonly key: string;
}

export async function setUpCli(settings: Record<string, unknown> = {}, keyName = 'default'): Promise<CliSetup> {
  const home = cliHome();
  const simulator = await startSimulator();
  writeConfig(home, { ...settings, vault: { kind: 'file' }, models: { providers: providersAt(simulator) } });
  const key = simulator.issueKey('anthropic', keyName);
  const stored = await runCli(home, ['models', 'auth', 'paste-api-key', '--provider', 'anthropic', '--json'], {
    input: key,
  });
  if (stored.code !== 0) throw new Error(`The key was not stored: ${stored.stdout}${stored.stderr}`);
  return {
    home,
    simulator,
    key,
    async [Symbol.asyncDispose]() {
      await runCli(home, ['gateway', 'stop']);
      await simulator.close();
      home.remove();
    },
  };
}

export function providersAt(simulator: Simulator): Record<string, { baseUrl: string }> {
  return Object.fromEntries(Object.entries(simulator.baseUrls).map(([family, baseUrl]) => [family, { baseUrl }]));
}

export function writeConfig(home: CliHome, config: Record<string, unknown>): void {
  mkdirSync(home.stateDir, { recursive: true, mode: 0o700 });
  writeFileSync(join(home.stateDir, 'moltbot.json'), JSON.stringify(config), { mode: 0o600 });
}

export interface CliGateway {
  readonly child: ChildProcess;
  readonly url: string;
  readonly port: number;
  /** Ends it as `kill -9` does. */
  kill(): Promise<void>;
}

/** `moltbot gateway run` in a process of its own, listening. */
export async function runGateway(home: CliHome, env: Readonly<Record<string, string>> = {}): Promise<CliGateway> {
  const child = startCli(home, ['gateway', 'run', '--port', '0', '--json'], { env });
  const { url } = JSON.parse(await outputUntil(child, /\}\s*$/)) as { url: string };
  const kill = async () => {
    const gone = once(child, 'exit');
    if (!child.kill('SIGKILL')) return;
    await gone;
  };
  return { child, url, port: Number(new URL(url).port), kill };
}

/** An access token, from `moltbot get`. */
export async function getToken(
  home: CliHome,
  ...args: readonly string[]
): Promise<{ token: string; accessor: string }> {
  const { stdout } = await runCli(home, ['get', 'anthropic', '--json', ...args]);
  return JSON.parse(stdout) as { token: string; accessor: string };
}

export function messages(url: string, token: string, body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${url}/v1/proxy/anthropic/v1/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
}
