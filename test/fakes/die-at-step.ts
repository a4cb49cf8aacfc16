import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * In a child process: makes the process kill itself, as `kill -9` would, right before its nth step that changes the disk
 * (counted from now on). Returns how to learn the number of steps taken.
 */
export async function dieAtStep(n: number): Promise<{ steps: () => number }> {
  let taken = 0;
  const step = () => {
    if (++taken === n) process.kill(process.pid, 'SIGKILL');
  };
  wrap(fs.promises, ['open', 'rename', 'rm', 'mkdir'], step);
  const handle = await fs.promises.open(process.execPath);
  wrap(Object.getPrototypeOf(handle), ['writeFile', 'sync', 'chmod', 'close'], step);
  await handle.close();
  syncBuiltinESMExports();
  taken = 0;
  return { steps: () => taken };
}

function wrap(target: object, names: string[], before: () => void): void {
  const methods = target as Record<string, (...values: unknown[]) => unknown>;
  for (const name of names) {
    const original = methods[name]!;
    methods[name] = function (this: unknown, ...values: unknown[]) {
      before();
      return original.apply(this, values);
    };
  }
}
