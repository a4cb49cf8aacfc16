import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { flush, run } from '@oclif/core';
import { reportError } from './report-error.ts';

/** The program: runs one command line and is the one place where an error becomes text and an exit code. */
export async function main(argv: string[]): Promise<void> {
  try {
    nameShell();
    await run(argv, { root: fileURLToPath(new URL('..', import.meta.url)) });
    await flush();
  } catch (error) {
    process.exitCode = reportError(error, argv);
  }
}

/** oclif asks the system which shell the user has, which fails for a user id without a name (a bare container). */
function nameShell(): void {
  if (process.env.SHELL) return;
  try {
    userInfo();
  } catch {
    process.env.SHELL = '/bin/sh';
  }
}
