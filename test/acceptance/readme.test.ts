import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';

const ROOT = join(import.meta.dirname, '../..');

/**
 * The shell blocks of the README that a program can type: fenced as `sh`. (`sh setup` is how this test came to run;
 * `sh terminal` wants a person or runs until it is stopped.)
 */
const blocks = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/^```sh\n(.*?)^```/gms)].map(
  (match) => match[1]!,
);

describe('the README', () => {
  let home: string;
  let simulator: Simulator;
  let env: Record<string, string>;

  beforeAll(async () => {
    simulator = await startSimulator();
    home = mkdtempSync(join(tmpdir(), 'moltbot-readme-'));
    const providers = Object.fromEntries(Object.entries(simulator.baseUrls).map(([id, baseUrl]) => [id, { baseUrl }]));
    // The one thing a reader does not have: providers that are simulated.
    const state = join(home, '.moltbot');
    mkdirSync(state, { mode: 0o700 });
    const config = join(state, 'moltbot.json');
    writeFileSync(config, JSON.stringify({ gateway: { port: await freePort() }, models: { providers } }), {
      mode: 0o600,
    });
    env = {
      PATH: `${join(ROOT, 'test/clients/node_modules/.bin')}:${process.env.PATH}`,
      HOME: home,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      ANTHROPIC_KEY: simulator.issueKey('anthropic', 'first'),
      SECOND_KEY: simulator.issueKey('anthropic', 'second'),
      XAI_KEY: simulator.issueKey('xai', 'first'),
      SETUP_TOKEN: simulator.issueKey('anthropic', 'subscription', 'token'),
    };
  });

  afterAll(async () => {
    await shell('moltbot gateway stop', env).catch(() => undefined);
    await simulator.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('has commands that work, in the order they are read', async () => {
    expect(blocks.length).toBeGreaterThan(8);
    const output = await shell(blocks.join('\n'), env);
    expect(output).toContain('anthropic:second');
    for (const name of ['ANTHROPIC_KEY', 'SECOND_KEY', 'XAI_KEY', 'SETUP_TOKEN'])
      expect(output).not.toContain(env[name]);
  }, 300_000);
});

/** Runs a script as a person's shell would, but stops at the first command that fails; gives both streams together. */
async function shell(script: string, env: Record<string, string>): Promise<string> {
  const preamble = `set -euo pipefail\nmoltbot() { "${process.execPath}" "${join(ROOT, 'bin/run.js')}" "$@" || { code=$?; echo "failed ($code): moltbot $*" >&2; return $code; }; }\n`;
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', `${preamble}{\n${script}\n} </dev/null`], {
    env,
    cwd: env.HOME,
    maxBuffer: 10_000_000,
  });
  return stdout + stderr;
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
