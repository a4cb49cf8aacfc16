import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';

/** What came of one operation of a client: what it gave, or the error that a program would catch. */
export interface Outcome {
  readonly value?: unknown;
  readonly error?: { class: string; status?: number; type?: string | null; code?: string | null; message: string };
}

export const PROGRAMS = join(import.meta.dirname, '../clients');

type Program = 'anthropic-sdk' | 'openai-sdk';
type Environment = Readonly<Record<string, string>>;

/** Starts `test/clients/<program>.js` with nothing but `env` to tell it where to go. */
export function startSdk(
  program: Program,
  operations: readonly string[],
  env: Environment,
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [join(PROGRAMS, `${program}.js`), ...operations], { env });
}

/** What came of each operation, in their order. */
export async function runSdk(program: Program, operations: readonly string[], env: Environment): Promise<Outcome[]> {
  const { stdout, stderr } = startSdk(program, operations, env);
  const [output, complaints] = await Promise.all(
    [stdout, stderr].map((stream) => stream.setEncoding('utf8').toArray()),
  );
  if (output!.length === 0) throw new Error(`${program} said nothing: ${complaints!.join('')}`);
  return JSON.parse(output!.join('')) as Outcome[];
}
