import type * as v from 'valibot';
import { nearest } from '../core/text.ts';
import { type Span, spanAt } from './json5-spans.ts';
import { formatPath } from './path.ts';
import type { Problem } from './problem.ts';
import { knownKeysAt } from './schema-walk.ts';

type Issue = v.BaseIssue<unknown>;

/**
 * A schema mistake with its place in the text and with what to do; `schema` is the config's unless given. Valibot's own
 * message is not used: it quotes values.
 */
export function schemaProblem(spans: Span, issue: Issue, schema?: v.GenericSchema): Problem {
  const path = (issue.path ?? []).map((item) => String(item.key));
  const isKey = issue.path?.at(-1)?.origin === 'key';
  const offset = (isKey ? keyOffset(spans, path) : spanAt(spans, path)?.start) ?? nearestOffset(spans, path);
  const key = formatPath(path);
  if (issue.expected === 'never') return { offset, key, what: 'unknown key', fix: unknownKeyFix(path, schema) };
  if (isKey && issue.received === 'undefined') {
    return { offset, key, what: 'this key is missing', fix: `Add ${key} there.` };
  }
  if (isKey) return { offset, key, what: `the key must be ${expectation(issue)}`, fix: 'Rename it.' };
  return { offset, key, what: `expected ${expectation(issue)}`, fix: `Change the value of ${key} there.` };
}

function unknownKeyFix(path: readonly string[], schema: v.GenericSchema | undefined): string {
  const known = knownKeysAt(path.slice(0, -1), schema);
  const suggestion = nearest(path.at(-1)!, known);
  if (suggestion) return `Did you mean "${suggestion}"?`;
  return known.length === 0
    ? 'Remove it.'
    : `Remove it, or use one of: ${known.filter((key) => key !== '$schema').join(', ')}`;
}

function expectation(issue: Issue): string {
  const requirement = 'requirement' in issue ? issue.requirement : undefined;
  switch (issue.type) {
    case 'picklist':
    case 'literal':
      return (issue.expected ?? '').replace(/^\(|\)$/g, '').replaceAll(' | ', ' or ');
    case 'regex':
    case 'check':
      return issue.message;
    case 'integer':
      return 'a whole number';
    case 'min_value':
      return `at least ${String(requirement)}`;
    case 'max_value':
      return `at most ${String(requirement)}`;
    case 'min_length':
      return 'at least one item';
    case 'max_length':
      return `at most ${String(requirement)} items`;
    case 'union':
      // The only other union is that of headers.
      if (issue.path?.at(-1)?.key === 'scope') return '"everything", or an object: { agent: "reviewer" }';
      return 'a string or { replace: "…" }';
    case 'array':
      return 'a list: [ … ]';
    case 'strict_object':
    case 'record':
      return 'an object: { … }';
    case 'boolean':
      return 'true or false';
    default:
      return `a ${issue.expected ?? 'different value'}`;
  }
}

function keyOffset(spans: Span, path: readonly string[]): number | undefined {
  const parent = spanAt(spans, path.slice(0, -1));
  if (parent?.kind !== 'object') return undefined;
  return parent.properties.findLast((property) => property.key === path.at(-1))?.start;
}

/** The closest thing that exists: of a missing key, the object it is missing from. */
function nearestOffset(spans: Span, path: readonly string[]): number {
  for (let length = path.length - 1; length >= 0; length--) {
    const span = spanAt(spans, path.slice(0, length));
    if (span) return span.start;
  }
  return spans.start;
}
