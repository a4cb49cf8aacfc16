import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { canPin, isThere } from './processes.ts';

/** Where and of what the figures are. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly undici: string;
  readonly nginx: string | undefined;
  readonly commit: string;
  /** Sources differ from the commit. */
  readonly isChanged: boolean;
  readonly isPinned: boolean;
  /** Programs that wanted a core in the minute before the first row: near 0 on a machine that does nothing else. */
  readonly loadBefore: number;
}

export function thisMachine(undiciVersion: string, loadBefore: number): Machine {
  const changes = output('git', ['status', '--porcelain', '--', 'src', 'commands', 'bin', 'package-lock.json']);
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release()}`,
    node: process.version,
    undici: undiciVersion,
    nginx: isThere('nginx') ? /nginx\/(\S+)/.exec(output('sh', ['-c', 'nginx -v 2>&1']))?.[1] : undefined,
    commit: output('git', ['rev-parse', '--short=12', 'HEAD']),
    isChanged: changes !== '',
    isPinned: canPin,
    loadBefore,
  };
}

function output(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, {
      encoding: 'utf8',
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
