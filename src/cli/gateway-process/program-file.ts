import { join } from 'node:path';

/** What starts another moltbot, for the background and for service managers; `root` is the package's directory. */
export function programFile(root: string): string {
  return join(root, 'bin', 'run.js');
}
