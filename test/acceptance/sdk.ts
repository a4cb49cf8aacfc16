import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** What came of one operation of a client: what it gave, or the error that a program would catch. */
export interface Outcome {
  readonly value?: unknown;
  readonly error?: { class: string; status?: number; type?: string | null; code?: string | null; message: string };
}

export const PROGRAMS = join(import.meta.dirname, '../clients');

/** Runs operations of `test/clients/<program>.js` as a process with nothing but `env` to tell it where to go. */
export async function runSdk(
  program: 'anthropic-sdk' | 'openai-sdk',
  operations: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Outcome[]> {
  const child = spawn(process.execPath, [join(PROGRAMS, `${program}.js`), ...operations], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = await child.stdout.setEncoding('utf8').toArray();
  return JSON.parse(lines.join('')) as Outcome[];
}
