import JSON5 from 'json5';
import { crossCheck } from './cross-check.ts';
import { type ObjectSpan, type Span, spansOf } from './json5-spans.ts';
import { formatPath } from './path.ts';
import type { Problem } from './problem.ts';
import type { Config } from './schema.ts';
import { schemaProblem } from './schema-problem.ts';
import { schemaAt } from './schema-walk.ts';
import { withDefaults } from './with-defaults.ts';

/** What a config text says: its value with defaults and as written, or what is wrong with it. */
export type Checked =
  | { readonly ok: true; readonly config: Config; readonly raw: Record<string, unknown> }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly raw: unknown };

/** Checks a text in the order a person would want to hear of it: syntax, then structure, then keys and values. */
export function checkConfig(text: string): Checked {
  if (text.trim() === '') return { ok: true, config: withDefaults({}).config, raw: {} };
  let raw: unknown;
  try {
    raw = JSON5.parse(text);
  } catch (error) {
    return { ok: false, problems: [syntaxProblem(text, error)], raw: undefined };
  }
  const spans = spansOf(text);
  if (spans.kind !== 'object') return { ok: false, problems: [notAnObject(spans)], raw };
  const structural = structureProblems(text, spans);
  if (structural.length > 0) return { ok: false, problems: structural, raw };
  const { config, issues } = withDefaults(raw);
  if (issues.length > 0) return { ok: false, problems: issues.map((issue) => schemaProblem(spans, issue)), raw };
  const problems = crossCheck(config, spans);
  if (problems.length > 0) return { ok: false, problems, raw };
  return { ok: true, config, raw: raw as Record<string, unknown> };
}

/** JSON5 says line (counting only \n), column and the character it did not expect, which is shown if it is punctuation. */
function syntaxProblem(text: string, error: unknown): Problem {
  const { lineNumber = 1, columnNumber = 1 } = error as { lineNumber?: number; columnNumber?: number };
  const lineStart = [...text.matchAll(/\n/g)][lineNumber - 2];
  const start = lineNumber === 1 || !lineStart ? 0 : lineStart.index + 1;
  const offset = Math.min(Math.max(0, start + columnNumber - 1), text.length);
  const character = text[offset];
  if (offset >= text.length || character === undefined) {
    return {
      offset: text.length,
      key: '',
      what: 'the file ends too early',
      fix: 'Close the open bracket, quote or comment.',
    };
  }
  const shown = /[{}[\]:,"'/]/.test(character) ? `unexpected "${character}"` : 'unexpected character';
  return {
    offset,
    key: '',
    what: `not valid JSON5, ${shown}`,
    fix: 'Look there for a missing comma, quote or bracket (often at the end of the line before).',
  };
}

function notAnObject(span: Span): Problem {
  return { offset: span.start, key: '', what: 'expected an object', fix: 'The file is one object: { … }' };
}

/** What JSON5 and the schema let pass: a key twice, `__proto__`, a list in the place of an object, infinite numbers. */
function structureProblems(text: string, span: Span, path: readonly string[] = []): Problem[] {
  switch (span.kind) {
    case 'plain':
      return numberProblems(text, span, path);
    case 'array':
      return [
        ...listProblems(span, path),
        ...span.elements.flatMap((element, index) => structureProblems(text, element, [...path, String(index)])),
      ];
    case 'object':
      return [
        ...keyProblems(span, path),
        ...span.properties.flatMap(({ key, value }) => structureProblems(text, value, [...path, key])),
      ];
  }
}

function numberProblems(text: string, { start, end }: Span, path: readonly string[]): Problem[] {
  if (!/^[+-]?(Infinity|NaN)$/.test(text.slice(start, end))) return [];
  return [{ offset: start, key: formatPath(path), what: 'expected a number', fix: 'Write a number that is one.' }];
}

/** The schema library takes a list for an object, because in JavaScript it is one. */
function listProblems({ start }: Span, path: readonly string[]): Problem[] {
  if (!['strict_object', 'record'].includes(schemaAt(path)?.type ?? '')) return [];
  const fix = 'Write { … } in the place of [ … ].';
  return [{ offset: start, key: formatPath(path), what: 'expected an object, not a list', fix }];
}

function keyProblems({ properties }: ObjectSpan, path: readonly string[]): Problem[] {
  const seen = new Set<string>();
  return properties.flatMap(({ key, start }) => {
    if (key === '__proto__') return [keyProblem(start, [...path, key], 'this name is not allowed as a key')];
    if (seen.has(key)) return [keyProblem(start, [...path, key], 'this key is here twice')];
    seen.add(key);
    return [];
  });
}

function keyProblem(offset: number, path: readonly string[], what: string): Problem {
  return { offset, key: formatPath(path), what, fix: 'Remove it here.' };
}
