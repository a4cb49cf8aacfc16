import { execFileSync } from 'node:child_process';
import { cliHome } from './cli.ts';

/** Whether this process may mount file systems: root, and not in a container that forbids it. */
export function mayMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const probe = cliHome();
  try {
    mount('-t', 'tmpfs', 'tmpfs', probe.directory);
    execFileSync('umount', [probe.directory]);
    return true;
  } catch {
    return false;
  } finally {
    probe.remove();
  }
}

export function mount(...args: string[]): void {
  execFileSync('mount', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
