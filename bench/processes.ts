import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** What is measured runs alone on one core; what loads it and answers it runs on another. */
const MEASURED_CORE = 0;
const OTHER_CORE = 1;
/** Linux counts the CPU time of a process in hundredths of a second (USER_HZ). */
const MS_PER_TICK = 10;

export type Core = 'measured' | 'other';

/** A program started for the benchmark, in a process group of its own: whatever it starts ends with it. */
export interface Started {
  readonly pid: number;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

const running = new Set<number>();

export const canPin = availableParallelism() > 1 && isThere('taskset');

/** Starts a program on one core. Its stdout is a pipe, its stderr ours; `ipc` adds a channel for Node's messages. */
export function start(
  core: Core,
  program: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly ipc?: boolean } = {},
): Started {
  const pin = canPin ? ['taskset', '-c', String(core === 'measured' ? MEASURED_CORE : OTHER_CORE)] : [];
  const [command, ...rest] = [...pin, program, ...args];
  const child = spawn(command!, rest, {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit', ...(options.ipc ? (['ipc'] as const) : [])],
    env: options.env ?? process.env,
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${command} cannot be started`);
  running.add(pid);
  child.once('exit', () => running.delete(pid));
  return { pid, child, stop: () => stopGroup(child, pid) };
}

/** Ends whatever is still running; for the end of the program, however it comes. */
export function killAll(): void {
  for (const pid of running) signalGroup(pid, 'SIGKILL');
}

/** CPU time of a process since its start, all threads, user and system, in milliseconds. */
export function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name in parentheses may hold spaces: the fields after it begin with the third.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** Resident memory of a process in KB. */
export function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]);
}

export function isThere(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function stopGroup(child: ChildProcess, pid: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  signalGroup(pid, 'SIGKILL');
  await gone;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended by itself meanwhile.
  }
}
