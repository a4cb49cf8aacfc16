import { readFileSync } from 'node:fs';
import JSON5 from 'json5';
import * as v from 'valibot';
import { MoltbotError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { type Script, ScriptSchema } from './script-schema.ts';

const HINT = 'The fields of a script are listed in docs/simulator.md.';

/** Checks a script that is already a value. @throws MoltbotError CONFIG_INVALID that names the field. */
export function parseScript(value: unknown, source = 'The simulator script'): Script {
  // An array would pass for an object without fields.
  const result = v.safeParse(ScriptSchema, Array.isArray(value) ? null : value);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const place = v.getDotPath(issue) ?? 'the top level';
  throw new MoltbotError('CONFIG_INVALID', `${source} is wrong at ${printable(place)}: ${printable(issue.message)}.`, {
    hint: HINT,
  });
}

/** Reads a JSON5 script. @throws MoltbotError CONFIG_INVALID with file, line and column. */
export function loadScript(path: string): Script {
  return parseScript(parseJson5(readScript(path), path), printable(path));
}

function readScript(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new MoltbotError('CONFIG_INVALID', `The simulator script ${printable(path)} cannot be read.`, {
      hint: 'Check the path: moltbot simulate --script ./outage.json5',
      cause,
    });
  }
}

function parseJson5(text: string, path: string): unknown {
  try {
    return JSON5.parse(text);
  } catch (cause) {
    const at = cause instanceof SyntaxError ? printable(cause.message.replace(/^JSON5: /, '')) : 'not JSON5';
    throw new MoltbotError('CONFIG_INVALID', `The simulator script ${printable(path)} is not JSON5: ${at}.`, {
      hint: HINT,
      cause,
    });
  }
}
