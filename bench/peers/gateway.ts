import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CHANGED_MODEL } from '../bodies.ts';
import type { Contestant } from '../contestants.ts';
import { start } from '../processes.ts';
import { scratchDirectory } from '../scratch.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/run.js');

/**
 * The built gateway as a person runs it, in a home of its own: file vault, database, log at its usual level, a profile
 * stored through the command line, an access token of an hour.
 */
export function startGateway(upstreamPort: number): Promise<Contestant> {
  return started('moltbot', upstreamPort, [PROGRAM, 'gateway', 'run', '--port', '0', '--json'], {});
}

/** The same from its sources (`own-gateway.ts`), with these arguments and settings. */
export function ownGateway(
  name: Contestant['name'],
  upstreamPort: number,
  args: readonly string[],
  settings: object = {},
): Promise<Contestant> {
  return started(name, upstreamPort, [join(import.meta.dirname, 'own-gateway.ts'), ...args], settings);
}

async function started(
  name: Contestant['name'],
  upstreamPort: number,
  program: readonly string[],
  settings: object,
): Promise<Contestant> {
  const home = scratchDirectory();
  const env = environment(home);
  const cli = (args: readonly string[], input = '') =>
    execFileSync(process.execPath, [PROGRAM, ...args], {
      env,
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  writeConfig(env.MOLTBOT_HOME!, settings);
  const place = ['--skip-test', '--vault', 'file', '--base-url', `http://127.0.0.1:${upstreamPort}`];
  cli(['models', 'auth', 'paste-api-key', '--provider', 'anthropic', ...place], `sk-ant-sim-${'bench'.repeat(6)}`);
  const { token } = JSON.parse(cli(['get', 'anthropic', '--ttl', '1h', '--json'])) as { token: string };
  const { pid, child, stop } = start('measured', process.execPath, program, { env });
  const port = await announcedPort(child.stdout!);
  return { name, pid, target: { name, port, path: '/v1/proxy/anthropic/v1/messages', token }, stop };
}

/** Nothing of the person's own: no keys of the environment, no config, no proxy. */
function environment(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: home,
    MOLTBOT_HOME: join(home, 'state'),
    MOLTBOT_VAULT_KEY_FILE: join(home, 'vault.key'),
  };
}

/** One model whose requests a setting changes; the others pass as they are. */
function writeConfig(stateDir: string, settings: object): void {
  const models = { [`anthropic/${CHANGED_MODEL}`]: { params: { cacheControlTtl: '1h' } } };
  mkdirSync(stateDir, { mode: 0o700 });
  writeFileSync(join(stateDir, 'moltbot.json'), JSON.stringify({ agents: { defaults: { models } }, ...settings }), {
    mode: 0o600,
  });
}

async function announcedPort(output: NodeJS.ReadableStream): Promise<number> {
  let text = '';
  for await (const line of createInterface({ input: output })) {
    text += line;
    const url = /"url":\s*"http:\/\/127\.0\.0\.1:(\d+)"/.exec(text);
    if (url) return Number(url[1]);
  }
  throw new Error('the gateway did not start');
}
