import { execFileSync } from 'node:child_process';

/**
 * Runs a service manager's commands in order. Gives those that are left for the person: all from the first one that
 * fails, because a manager that is not there for this user (no login session, a container) cannot be told apart from one
 * that refuses.
 */
export function runCommands(commands: readonly (readonly string[])[]): readonly (readonly string[])[] {
  for (const [index, [program, ...args]] of commands.entries()) {
    try {
      execFileSync(program!, args, { stdio: 'ignore', timeout: 30_000 });
    } catch {
      // Not installed, no session bus, or refused: the person is told what is left to do.
      return commands.slice(index);
    }
  }
  return [];
}
