import { MoltbotError } from '../../core/errors.ts';

/** Whether a person can be asked: keys come from a terminal and the question can be seen. */
export function hasTerminal(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Ends a command that would have to ask where nobody can answer. */
export function needsTerminal(question: string, hint: string): MoltbotError {
  return new MoltbotError('USAGE', `${question}, and there is no terminal to ask on.`, { hint });
}
