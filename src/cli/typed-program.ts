import { basename } from 'node:path';

/** How a person types this command line: `moltbot` when it is installed, `./bin/run.js` in a checkout. */
export function typedProgram(): string {
  return basename(process.argv[1] ?? '') === 'moltbot' ? 'moltbot' : './bin/run.js';
}
