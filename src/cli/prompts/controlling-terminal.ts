import { openSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import { systemCode } from '../../core/errors.ts';
import { hasTerminal } from './terminal.ts';

/** Where a person types and reads. */
export interface PersonsTerminal {
  readonly input: ReadStream;
  readonly output: NodeJS.WritableStream;
  close(): void;
}

/**
 * The terminal this process belongs to, also where stdin and stderr lead elsewhere (`echo … | moltbot …`); undefined for a
 * process that has none.
 */
export function openControllingTerminal(): PersonsTerminal | undefined {
  if (hasTerminal()) return { input: process.stdin, output: process.stderr, close: () => undefined };
  try {
    const input = new ReadStream(openSync('/dev/tty', 'r'));
    const output = new WriteStream(openSync('/dev/tty', 'w'));
    const close = () => {
      input.destroy();
      output.destroy();
    };
    return { input, output, close };
  } catch (error) {
    // ENXIO: none; ENOENT: a system without such a file; EACCES, EIO: it is not ours any more.
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
