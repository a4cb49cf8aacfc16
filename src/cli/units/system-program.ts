import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { MoltbotError } from '../../core/errors.ts';

const OTHERS_READ = 0o004;
const OTHERS_ENTER = 0o001;
/** What `ProtectHome=true` hides from the service, whatever its modes are. */
const HOMES = /^\/(home|root|run\/user)\//;

/** A user of its own must be able to read the programs it is to run. Fails with NOT_PERMITTED, naming what it cannot. */
export function assertReadableByAll(files: readonly string[]): void {
  for (const file of files) {
    const closed = HOMES.test(realpathSync(file)) ? file : closedPart(realpathSync(file));
    if (closed === undefined) continue;
    throw new MoltbotError('NOT_PERMITTED', `A user of its own could not run ${file}: ${closed} is not open to all.`, {
      hint: 'Install Node and moltbot for the whole system, for example: sudo npm install --global moltbot',
    });
  }
}

function closedPart(file: string): string | undefined {
  if ((statSync(file).mode & OTHERS_READ) === 0) return file;
  for (let directory = dirname(file); directory !== dirname(directory); directory = dirname(directory)) {
    if ((statSync(directory).mode & OTHERS_ENTER) === 0) return directory;
  }
  return undefined;
}
