import JSON5 from 'json5';
import { MoltbotError } from '../core/errors.ts';
import { printable } from '../core/text.ts';

/** The way to one value: keys of objects; a whole number is an index where the config has a list. */
export type ConfigPath = readonly string[];

const STEP = /(?:^|(?<=.)\.)([^.[\]"']+)|\["((?:\\.|[^"\\])*)"\]|\['((?:\\.|[^'\\])*)'\]|\[(\d+)\]/y;

/**
 * Reads a dotted path with quoted keys in brackets: `agents.defaults.models["anthropic/claude-opus-4-5"].alias`.
 * Fails with USAGE.
 */
export function parsePath(text: string): string[] {
  const path: string[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (!match) throw notAPath(text);
    path.push(match[1] ?? match[4] ?? withoutEscapes(match[2] ?? match[3] ?? ''));
  }
  if (path.length === 0) throw notAPath(text);
  return path;
}

/** The path as a person would type it. Keys that look like a credential are hidden. */
export function formatPath(path: readonly (string | number)[]): string {
  return path.map((key, index) => formatStep(String(key), index === 0)).join('');
}

/** A key pasted where a config key was meant. */
export function looksLikeCredential(key: string): boolean {
  return /^(sk|xai|mb[ampst])[-_]\S{12}/.test(key);
}

function formatStep(key: string, isFirst: boolean): string {
  const shown = looksLikeCredential(key) ? '[hidden]' : printable(key);
  if (/^\d+$/.test(shown)) return `[${shown}]`;
  if (/^[\w$-]+$/.test(shown)) return isFirst ? shown : `.${shown}`;
  return `[${JSON.stringify(shown)}]`;
}

/** A value as typed on the command line: JSON5, and what is not JSON5 is a string as it stands. */
export function parseValue(text: string): unknown {
  try {
    return JSON5.parse(text);
  } catch {
    // A bare word (`1h`, `anthropic/claude-opus-4-5`) is the common case, not a mistake.
    if (/^\s*[[{"']/.test(text)) {
      throw new MoltbotError('USAGE', 'The value starts like JSON5 but is not complete.', {
        hint: 'Quote it for the shell, for example: moltbot config set gateway.allowedHosts \'["box.lan"]\'',
      });
    }
    return text;
  }
}

function withoutEscapes(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

function notAPath(text: string): MoltbotError {
  return new MoltbotError('USAGE', `"${printable(text)}" is not a config path.`, {
    hint: 'Separate keys with dots and quote others in brackets: agents.defaults.models["anthropic/claude-opus-4-5"].alias',
  });
}
