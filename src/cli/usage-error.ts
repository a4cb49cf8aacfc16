import { stripVTControlCharacters } from 'node:util';
import { MoltbotError } from '../core/errors.ts';
import { nearest, printable } from '../core/text.ts';

/** What oclif's parse errors carry beside their message. */
interface ParseError extends Error {
  readonly args?: readonly (string | { readonly name: string; readonly description?: string })[];
  readonly flags?: readonly string[];
  readonly parse?: { readonly input?: { readonly flags?: Readonly<Record<string, { readonly hidden?: boolean }>> } };
}

interface Sentence {
  readonly message: string;
  /** Before the help of the command. */
  readonly hint?: string;
}

/**
 * A wrong command line in our own words: it names flag, argument and what they take, and repeats nothing of what was
 * typed, which may be a secret in the wrong place. `commandId` is oclif's (`models:auth:why`); undefined for no command.
 */
export function usageError(error: Error, commandId?: string): MoltbotError {
  const { message, hint } = sentenceOf(error);
  const help = ['moltbot', ...(commandId?.split(':') ?? []), '--help'].join(' ');
  return new MoltbotError('USAGE', message, { hint: `${hint ? `${hint} ` : ''}See: ${help}`, cause: error });
}

function sentenceOf(error: ParseError): Sentence {
  const said = stripVTControlCharacters(error.message);
  if (/^Missing \d+ required arg/.test(said)) return missingArguments(error);
  if (said.startsWith('Nonexistent flag')) return unknownFlags(error);
  if (said.startsWith('Unexpected argument')) {
    const hint = 'Secrets are never arguments: they come by prompt, --…-stdin or --…-file.';
    return { message: 'This command does not take that argument.', hint };
  }
  for (const [pattern, sentence] of SENTENCES) {
    const match = pattern.exec(said);
    if (match) return { message: sentence(match) };
  }
  return { message: withoutValues(said) };
}

/** oclif's words, and ours. A value that was typed stands where no group is. */
const SENTENCES: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [/^Expected (--[\w-]+)=[\s\S]* to be one of: (.*)/, ([, flag, options]) => `${flag} takes one of: ${options}.`],
  [/^Expected [\s\S]* to be one of: (.*)/, ([, options]) => `The argument is one of: ${options}.`],
  [/^Flag (--[\w-]+) expects one of these values: (.*)/, ([, flag, options]) => `${flag} takes one of: ${options}.`],
  [/^Flag (--[\w-]+) expects a value/, ([, flag]) => `${flag} needs a value.`],
  [/^Flag (--[\w-]+) can only be specified once/, ([, flag]) => `${flag} can be given once.`],
  [/^Parsing (--[\w-]+) [\s\S]*greater than or equal to (\d+)/, ([, flag, least]) => `${flag} is at least ${least}.`],
  [/^Parsing (--[\w-]+) [\s\S]*less than or equal to (\d+)/, ([, flag, most]) => `${flag} is at most ${most}.`],
  [/^Parsing (--[\w-]+) [\s\S]*Expected an integer/, ([, flag]) => `${flag} takes a whole number.`],
  [/Missing required flag ([\w-]+)/, ([, flag]) => `--${flag} is missing.`],
  [
    /(--[\w-]+)(?:=[\s\S]*?)? cannot also be provided when using (--[\w-]+)/,
    ([, one, other]) => `${one} and ${other} cannot be given together.`,
  ],
];

function missingArguments({ args = [] }: ParseError): Sentence {
  const missing = args.flatMap((argument) => (typeof argument === 'string' ? [] : argument));
  const names = missing.map(({ name }) => `<${name}>`).join(' and ');
  const [first] = missing;
  const what = missing.length === 1 && first?.description ? `: ${first.description}` : '';
  return { message: `${names} ${missing.length === 1 ? 'is' : 'are'} missing${what}.` };
}

/** Only what has the form of a flag's name is repeated. */
function unknownFlags({ flags = [], parse }: ParseError): Sentence {
  const typed = flags.map((flag) => flag.replace(/=[\s\S]*/, '')).find((flag) => /^--?[a-z][a-z-]{0,30}$/.test(flag));
  if (typed === undefined) return { message: 'There is no such flag.' };
  const known = Object.entries(parse?.input?.flags ?? {}).filter(([, { hidden }]) => !hidden);
  const meant = nearest(
    typed.replace(/^-+/, ''),
    known.map(([name]) => name),
  );
  return { message: `There is no flag ${typed}.`, ...(meant && { hint: `Did you mean --${meant}?` }) };
}

/** A message of oclif that is not in the table: without what was typed for a flag, on one line. */
function withoutValues(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  const kept = lines.filter((line) => line !== '' && !/^(The following errors? occurred|See more help)/.test(line));
  const sentence = printable(kept.slice(0, 2).join(' ')).replace(/(--[\w-]+)=\S+/g, '$1');
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
