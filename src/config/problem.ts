import { MoltbotError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { positionAt } from './json5-spans.ts';

/** One mistake in a config text. Built from our own words and from keys, never from values: a value may be a secret. */
export interface Problem {
  /** Offset into the text. */
  readonly offset: number;
  /** The key path as a person would type it, or empty for the file as a whole. */
  readonly key: string;
  /** `unknown key`, `expected "5m" or "1h"`: what is wrong, without the key. */
  readonly what: string;
  /** What to do about it. */
  readonly fix: string;
}

/** The mistake as one sentence: file, line, column, key, what was expected; the hint says what to do. */
export function problemError(path: string, text: string, problems: readonly Problem[]): MoltbotError {
  const [first, ...others] = problems.toSorted((a, b) => a.offset - b.offset);
  const more = others.length === 0 ? '' : ` (${others.length} more after this one: moltbot config validate)`;
  return new MoltbotError('CONFIG_INVALID', `${problemLine(path, text, first!)}.`, { hint: `${first!.fix}${more}` });
}

/** `/home/me/.moltbot/moltbot.json:12:7: gateway.prot: unknown key` */
export function problemLine(path: string, text: string, problem: Problem): string {
  const { line, column } = positionAt(text, problem.offset);
  const key = problem.key === '' ? '' : `${problem.key}: `;
  return `${printable(path)}:${line}:${column}: ${key}${problem.what}`;
}

/** All mistakes, one line each: what `config validate` says. */
export function allProblemsError(path: string, text: string, problems: readonly Problem[]): MoltbotError {
  const sorted = problems.toSorted((a, b) => a.offset - b.offset);
  const fixes = new Set(sorted.map(({ fix }) => fix));
  const lines = sorted.map(
    (problem) => `${problemLine(path, text, problem)}.${fixes.size > 1 ? ` ${problem.fix}` : ''}`,
  );
  const hint = fixes.size > 1 ? 'Mend them with: moltbot config edit' : sorted[0]!.fix;
  return new MoltbotError('CONFIG_INVALID', lines.join('\n'), { hint });
}
