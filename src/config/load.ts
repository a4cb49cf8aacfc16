import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { MoltbotError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { checkConfig } from './check.ts';
import { resolveReferences } from './environment.ts';
import { foreignMark } from './foreign.ts';
import { assertPrivateFile, fileError } from './paths.ts';
import { allProblemsError, problemError } from './problem.ts';
import type { Config } from './schema.ts';

export interface LoadedConfig {
  readonly path: string;
  /** Whether there is a file; without one everything has its default. */
  readonly exists: boolean;
  readonly text: string;
  /**
   * With defaults filled in. A string with `${VAR}` is resolved when it is read, so an unset variable is an error
   * (CONFIG_INVALID, naming the key) only for those who need the value. Do not spread or print objects of it; `raw` is
   * for that.
   */
  readonly config: Config;
  /** SHA-256 of the text in hex; the empty string when there is no file. */
  readonly digest: string;
  /** As written: no defaults, `${VAR}` unresolved. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/**
 * Reads and checks the config. Fails with CONFIG_INVALID (one sentence with file, line, column and key), CONFIG_FOREIGN
 * (another product's file) or NOT_PERMITTED (unreadable, somebody else's, or readable by others).
 */
export function loadConfig(path: string, env: Readonly<Record<string, string | undefined>>): LoadedConfig {
  return configFromText(path, readConfigText(path), env);
}

/** The same as `loadConfig`, but a CONFIG_INVALID names all mistakes of the file, one a line. */
export function validateConfig(path: string, env: Readonly<Record<string, string | undefined>>): LoadedConfig {
  const text = readConfigText(path);
  const checked = checkConfig(text ?? '');
  if (!checked.ok && !foreignMark(checked.raw)) throw allProblemsError(path, text ?? '', checked.problems);
  return configFromText(path, text, env);
}

/** The file's text, or undefined when there is none. */
export function readConfigText(path: string): string | undefined {
  if (!assertPrivateFile(path)) return undefined;
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw fileError(path, 'read', error);
  }
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new MoltbotError('CONFIG_INVALID', `${printable(path)} is not UTF-8 text.`, {
    hint: 'Save it as UTF-8 in your editor.',
  });
}

/** The same checks on a text that is not, or not yet, in the file. `undefined` stands for no file. */
export function configFromText(
  path: string,
  text: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): LoadedConfig {
  const checked = checkConfig(text ?? '');
  const mark = foreignMark(checked.raw);
  if (mark) throw foreignError(path, mark);
  if (!checked.ok) throw problemError(path, text ?? '', checked.problems);
  return {
    path,
    exists: text !== undefined,
    text: text ?? '',
    // Most files have no reference, and then there is nothing to prepare.
    config: text?.includes('${') ? resolveReferences(checked.config, env) : checked.config,
    digest: digestOf(text),
    raw: checked.raw,
  };
}

/** SHA-256 of a config text in hex; the empty string for no file. */
export function digestOf(text: string | undefined): string {
  return text === undefined ? '' : createHash('sha256').update(text).digest('hex');
}

function foreignError(path: string, mark: string): MoltbotError {
  return new MoltbotError('CONFIG_FOREIGN', `${printable(path)} is another product's config (it has "${mark}").`, {
    hint: 'Nothing was changed. Set MOLTBOT_HOME to another directory; its keys come over with: moltbot import openclaw',
  });
}
