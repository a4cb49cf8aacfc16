import { type ChildProcess, spawn } from 'node:child_process';
import { systemCode } from '../core/errors.ts';
import { printable } from '../core/text.ts';

export interface ProgramRun {
  readonly program: string;
  readonly args: readonly string[];
  /** All of its environment; nothing of ours is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
  readonly limitMs: number;
  /** Kills it. */
  readonly signal: AbortSignal;
}

export type ProgramEnd =
  | { readonly kind: 'ended'; readonly exitCode: number; readonly firstLine: string }
  /** By a signal from elsewhere. */
  | { readonly kind: 'killed'; readonly firstLine: string }
  | { readonly kind: 'too_slow' }
  | { readonly kind: 'given_up' }
  /** `ENOENT`, `EACCES` … */
  | { readonly kind: 'not_started'; readonly code: string };

/** Of stderr; the rest is read and forgotten, so that the program does not wait for us. */
const MOST_READ = 4_096;
const MOST_SHOWN = 200;
/** What it left in the background may hold its stderr open for ever; its own last words are there by then. */
const LAST_WORDS_MS = 250;

/**
 * Runs a program without a shell, in a process group of its own that is killed as a whole after `limitMs`. Its working
 * directory is `/` and its standard output goes nowhere. Never fails.
 */
export function runProgram({ program, args, env, input, limitMs, signal }: ProgramRun): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const child = start(program, args, env);
    if (typeof child === 'string') return resolve({ kind: 'not_started', code: child });
    const heard = hearErrors(child);
    const end = (how: ProgramEnd) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      child.stderr?.destroy();
      resolve(how);
    };
    const kill = (how: ProgramEnd) => {
      killGroup(child);
      end(how);
    };
    const giveUp = () => kill({ kind: 'given_up' });
    const timer = setTimeout(() => kill({ kind: 'too_slow' }), limitMs);
    const ended = (exitCode: number | null): ProgramEnd =>
      exitCode === null ? { kind: 'killed', firstLine: heard() } : { kind: 'ended', exitCode, firstLine: heard() };
    child.on('error', (error) => end({ kind: 'not_started', code: systemCode(error) ?? 'failed' }));
    child.on('close', (exitCode) => end(ended(exitCode)));
    child.on('exit', (exitCode) => {
      clearTimeout(timer);
      setTimeout(() => end(ended(exitCode)), LAST_WORDS_MS).unref();
    });
    if (signal.aborted) return giveUp();
    signal.addEventListener('abort', giveUp);
    give(child, input);
  });
}

/** The child, or why there is none. */
function start(program: string, args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess | string {
  try {
    return spawn(program, args, { env, cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'pipe'] });
  } catch (error) {
    // Words that no program can be given, such as one with a null character in it.
    return systemCode(error) ?? 'failed';
  }
}

/** Keeps the beginning of what it says on stderr; gives its first line, safe to print. */
function hearErrors(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    if (text.length < MOST_READ) text += piece.slice(0, MOST_READ - text.length);
  });
  return () => {
    const line = printable(text.trim().split(/\r?\n/, 1)[0]!);
    return line.length > MOST_SHOWN ? `${line.slice(0, MOST_SHOWN - 1)}…` : line;
  };
}

function give(child: ChildProcess, input: string): void {
  child.stdin?.on('error', () => {
    // It takes no input, or has ended: its exit code says what there is to say.
  });
  child.stdin?.end(input);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile, or the system has no process groups.
    child.kill('SIGKILL');
  }
}
