import { Errors } from '@oclif/core';
import { isMoltbotError, MoltbotError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { hideCredentials } from './hide-credentials.ts';

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
export function wantsJson(argv: readonly string[]): boolean {
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

/**
 * oclif's parse errors repeat what was typed. What was typed may be a secret in the wrong place, so an unexpected
 * argument is counted and not shown, and anything that looks like a credential is taken out of the rest.
 */
function usageError(error: Error): MoltbotError {
  const lines = error.message.split('\n').map((line) => line.trim());
  const said = lines.filter((line) => line !== '' && !/^(The following errors? occurred|See more help)/.test(line));
  const unexpected = /^Unexpected arguments?/.test(said[0] ?? '');
  const sentence = said.slice(0, 2).join(' ');
  const message = unexpected
    ? 'This command does not take that argument.'
    : `${sentence}${/[.!?]$/.test(sentence) ? '' : '.'}`;
  return new MoltbotError('USAGE', printable(message), {
    hint: unexpected
      ? `Secrets are never arguments: they come by prompt, --…-stdin or --…-file. See: ${helpOf(error)}`
      : `See: ${helpOf(error)}`,
    cause: error,
  });
}

/** The help of the command whose words were wrong, as it is typed. oclif keeps the command as the parser's context. */
function helpOf(error: Error): string {
  const { parse } = error as { parse?: { input?: { context?: { id?: string } } } };
  const id = parse?.input?.context?.id?.replaceAll(':', ' ');
  return id ? `moltbot ${id} --help` : 'moltbot --help';
}
