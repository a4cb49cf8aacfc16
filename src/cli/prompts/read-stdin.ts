import { readFileSync } from 'node:fs';
import { MoltbotError, systemCode } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import { printable } from '../../core/text.ts';

/** Far longer than any credential; a mistyped file or pipe is not read into memory. */
const LONGEST = 64 * 1024;

/** Everything that stdin holds, as a secret. Fails with USAGE when that is no credential but a stream. */
export async function readStdin(): Promise<Secret> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk;
    if (text.length > LONGEST) throw tooLong('stdin');
  }
  return new Secret(text);
}

/** The content of a file that holds one credential. */
export function readSecretFile(path: string): Secret {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > LONGEST) throw tooLong(path);
    return new Secret(text);
  } catch (error) {
    if (error instanceof MoltbotError) throw error;
    const code = systemCode(error);
    const isAbsent = code === 'ENOENT';
    throw new MoltbotError(isAbsent ? 'USAGE' : 'NOT_PERMITTED', `${printable(path)} cannot be read (${code}).`, {
      hint: isAbsent
        ? 'Give the path of a file that holds the credential and nothing else.'
        : `ls -l ${printable(path)}`,
      cause: error,
    });
  }
}

function tooLong(where: string): MoltbotError {
  return new MoltbotError('USAGE', `${printable(where)} holds more than one credential can be.`, {
    hint: 'Give the credential and nothing else.',
  });
}
