import { Errors } from '@oclif/core';
import { isMoltbotError, MoltbotError } from '../core/errors.ts';
import { hideCredentials } from './hide-credentials.ts';
import { usageError } from './usage-error.ts';

/**
 * Prints an error once, to stderr for people or as one JSON object on stdout under `--json`, and gives the exit code.
 * Only strings we wrote (or cleaned) are printed: oclif's own errors carry the whole command line.
 */
export function reportError(error: unknown, argv: readonly string[]): number {
  if (error instanceof Errors.ExitError) return error.oclif.exit ?? 0;
  const known = asMoltbotError(error);
  const { code } = known;
  // A message may name what was typed, and what was typed in the wrong place may be a credential.
  const message = hideCredentials(known.message);
  const hint = known.hint && hideCredentials(known.hint);
  if (wantsJson(argv)) {
    process.stdout.write(`${JSON.stringify({ error: { code, message, ...(hint && { hint }) } }, null, 2)}\n`);
  } else {
    process.stderr.write(`${message}\n${hint ? `${hint}\n` : ''}`);
  }
  if (known.code === 'INTERNAL' && process.env.MOLTBOT_DEBUG && error instanceof Error) {
    process.stderr.write(`${hideCredentials(error.stack ?? '')}\n`);
  }
  return known.exitCode;
}

/** `--json` before any `--`: what follows belongs to another program. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

function asMoltbotError(error: unknown): MoltbotError {
  if (isMoltbotError(error)) return error;
  if (isPromptInterrupt(error))
    return new MoltbotError('INTERRUPTED', 'Interrupted; nothing was stored.', { cause: error });
  if (error instanceof Errors.CLIError) return usageError(error);
  return new MoltbotError('INTERNAL', 'Something went wrong inside moltbot.', {
    hint: 'Run the command again with MOLTBOT_DEBUG=1 to see where.',
    cause: error,
  });
}

/** Ctrl-C and end of input at a prompt arrive as errors with these names. */
function isPromptInterrupt(error: unknown): boolean {
  return error instanceof Error && ['ExitPromptError', 'AbortPromptError', 'CancelPromptError'].includes(error.name);
}
