import { closeSync, openSync, writeSync } from 'node:fs';
import { MoltbotError, systemCode } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';

/** A file that did not exist before, open to its owner only. ALREADY_EXISTS, NOT_PERMITTED, DISK_FULL. */
export function openPrivateOutput(path: string): { write(text: string): void; close(): void } {
  const named = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw outputError(path, error);
    }
  };
  const file = named(() => openSync(path, 'wx', 0o600));
  return {
    write: (text) => {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) at += named(() => writeSync(file, bytes, at));
    },
    close: () => closeSync(file),
  };
}

function outputError(path: string, cause: unknown): MoltbotError {
  const code = systemCode(cause);
  const name = printable(path);
  if (code === 'EEXIST') {
    return new MoltbotError('ALREADY_EXISTS', `${name} is there already and was left as it is.`, {
      hint: 'Name another file with --out, or move that one away.',
      cause,
    });
  }
  if (code === 'ENOSPC') {
    return new MoltbotError('DISK_FULL', `No space is left on the disk of ${name}.`, {
      hint: 'Free some space, remove the unfinished file and run the command again.',
      cause,
    });
  }
  return new MoltbotError('NOT_PERMITTED', `${name} cannot be written.`, {
    hint: 'Name a file in a directory that is there and yours: --out audit.jsonl',
    cause,
  });
}
