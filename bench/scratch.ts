import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

/** A directory of its own for one contestant; `removeScratch` takes them all away at the end, however that comes. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'moltbot-bench-'));
  made.push(directory);
  return directory;
}

export function removeScratch(): void {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
}
