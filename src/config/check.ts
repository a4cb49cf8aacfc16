import JSON5 from 'json5';
import { crossCheck } from './cross-check.ts';
import { type Span, spansOf } from './json5-spans.ts';
import type { Problem } from './problem.ts';
import type { Config } from './schema.ts';
import { schemaProblem } from './schema-problem.ts';
import { schemaAt } from './schema-walk.ts';
import { structureProblems } from './structure-problems.ts';
import { syntaxProblem } from './syntax-problem.ts';
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
  const structural = structureProblems(text, spans, isObjectAt);
  if (structural.length > 0) return { ok: false, problems: structural, raw };
  const { config, issues } = withDefaults(raw);
  if (issues.length > 0) return { ok: false, problems: issues.map((issue) => schemaProblem(spans, issue)), raw };
  const problems = crossCheck(config, spans);
  if (problems.length > 0) return { ok: false, problems, raw };
  return { ok: true, config, raw: raw as Record<string, unknown> };
}

/** Where the schema wants an object. */
function isObjectAt(path: readonly string[]): boolean {
  return ['strict_object', 'record'].includes(schemaAt(path)?.type ?? '');
}

function notAnObject(span: Span): Problem {
  return { offset: span.start, key: '', what: 'expected an object', fix: 'The file is one object: { … }' };
}
