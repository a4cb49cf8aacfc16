import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = join(import.meta.dirname, '../../bin/run.js');

/** A machine of its own for the built command line: home, state directory, vault key; nothing of the real one. */
export interface CliHome {
  readonly directory: string;
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Written to stdin, which then ends. */
  readonly input?: string;
  readonly cwd?: string;
  /** Words before the program's: what runs it somewhere else, such as `ip netns exec <name>`. */
  readonly within?: readonly string[];
  /** In a session of its own: no terminal to ask on, also where a person runs the tests at one. */
  readonly ownSession?: boolean;
}

export function cliHome(): CliHome {
  const directory = mkdtempSync(join(tmpdir(), 'moltbot-cli-'));
  const stateDir = join(directory, 'state');
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: directory,
    MOLTBOT_HOME: stateDir,
    MOLTBOT_VAULT_KEY_FILE: join(directory, 'vault.key'),
    SHELL: '/bin/bash',
    // One for all homes: each would compile the program anew.
    NODE_COMPILE_CACHE: join(tmpdir(), `moltbot-test-compiled-${process.getuid?.() ?? 0}`),
  };
  return { directory, stateDir, env, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** Starts the built command line; for commands that go on until they are stopped. */
export function startCli(
  home: CliHome,
  args: readonly string[],
  options: CliOptions = {},
): ChildProcessWithoutNullStreams {
  const [program, ...words] = [...(options.within ?? []), process.execPath, PROGRAM, ...args];
  const child = spawn(program!, words, {
    env: { ...home.env, ...options.env },
    cwd: options.cwd ?? home.directory,
    detached: options.ownSession ?? false,
  });
  child.stdin.on('error', () => {
    // A command that takes no input ends before it is written.
  });
  child.stdin.end(options.input ?? '');
  return child;
}

/** Runs one command to its end. */
export async function runCli(home: CliHome, args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = startCli(home, args, { ownSession: true, ...options });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Everything a running command has said on stdout by the time `pattern` is in it. */
export async function outputUntil(child: ChildProcessWithoutNullStreams, pattern: RegExp): Promise<string> {
  let text = '';
  child.stdout.setEncoding('utf8');
  for await (const piece of child.stdout.iterator({ destroyOnReturn: false })) {
    text += String(piece);
    if (pattern.test(text)) return text;
  }
  throw new Error(`The command ended before it said ${pattern}: ${text}`);
}
