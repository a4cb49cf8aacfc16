import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PROGRAM = join(ROOT, 'bin', 'run.js');

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What stdin holds; without it stdin is empty. */
  readonly stdin?: string;
  readonly cwd?: string;
}

/** A temporary home for the built program: its own state, its own key file, no keychain, nothing of the machine's. */
export interface CliHome {
  readonly dir: string;
  readonly stateDir: string;
  readonly configFile: string;
  readonly env: Readonly<Record<string, string>>;
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  remove(): void;
}

export function makeCliHome(env: Readonly<Record<string, string>> = {}): CliHome {
  const dir = mkdtempSync(join(tmpdir(), 'moltbot-cli-'));
  const stateDir = join(dir, 'state');
  const whole = {
    HOME: dir,
    PATH: process.env.PATH ?? '',
    MOLTBOT_HOME: stateDir,
    MOLTBOT_VAULT_KEY_FILE: join(dir, 'keys', 'vault.key'),
    ...env,
  };
  return {
    dir,
    stateDir,
    configFile: join(stateDir, 'moltbot.json'),
    env: whole,
    run: (args, options) => runCli(args, { ...options, env: { ...whole, ...options?.env } }),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Runs the built program to its end. Only what `env` gives is in its environment. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd: options.cwd ?? tmpdir(),
      env: { ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? (signal === 'SIGINT' ? 130 : 255), stdout, stderr }));
    // The program may end without having read its stdin.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin ?? '');
  });
}
