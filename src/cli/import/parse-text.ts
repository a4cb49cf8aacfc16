import { parseEnv } from 'node:util';
import JSON5 from 'json5';
import { parseDocument } from 'yaml';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';

export type TextFormat = 'json' | 'yaml' | 'env';

const NAMES: Readonly<Record<TextFormat, string>> = { json: 'JSON', yaml: 'YAML', env: 'a list of variables' };

/**
 * The value of another tool's file; JSON may have comments. Fails with CONFIG_INVALID. A parser's own message shows a
 * piece of the text, which may be a key: only the line is repeated.
 */
export function parseText(format: TextFormat, text: string, file: string): unknown {
  if (format === 'yaml') return parseYaml(text, file);
  try {
    return format === 'env' ? parseEnv(text) : JSON5.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const line = typeof error === 'object' && error !== null && 'lineNumber' in error ? error.lineNumber : undefined;
    throw unreadable(format, file, typeof line === 'number' ? line : undefined);
  }
}

function parseYaml(text: string, file: string): unknown {
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'silent' });
  const [error] = document.errors;
  if (error) throw unreadable('yaml', file, error.linePos?.[0].line);
  try {
    return document.toJS({ maxAliasCount: 1000 });
  } catch {
    // Aliases that grow without end, or that point to nothing.
    throw unreadable('yaml', file, undefined);
  }
}

function unreadable(format: TextFormat, file: string, line: number | undefined): MoltbotError {
  const place = line === undefined ? printable(file) : `${printable(file)}:${line}`;
  return new MoltbotError('CONFIG_INVALID', `${place} is not ${NAMES[format]} that can be read.`, {
    hint: 'Mend it, or import another file with --from.',
  });
}
