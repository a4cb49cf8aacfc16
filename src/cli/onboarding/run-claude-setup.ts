import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Runs `claude setup-token` on the person's terminal when that program is there: it logs in and prints the token, which
 * the person then pastes. Gives false when it is not there; how it ended does not matter, the paste decides.
 */
export async function runClaudeSetup(): Promise<boolean> {
  if (!isOnPath('claude')) return false;
  await new Promise<void>((resolve) => {
    // Its output goes to stderr, so that stdout stays this command's result.
    const child = spawn('claude', ['setup-token'], { stdio: ['inherit', process.stderr, 'inherit'] });
    child.on('error', () => resolve()).on('exit', () => resolve());
  });
  return true;
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));
}
