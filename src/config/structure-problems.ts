import type { ObjectSpan, Span } from './json5-spans.ts';
import { formatPath } from './path.ts';
import type { Problem } from './problem.ts';

/** What JSON5 and the schema let pass: a key twice, `__proto__`, a list in the place of an object, infinite numbers. */
export function structureProblems(
  text: string,
  span: Span,
  isObjectAt: (path: readonly string[]) => boolean,
  path: readonly string[] = [],
): Problem[] {
  switch (span.kind) {
    case 'plain':
      return numberProblems(text, span, path);
    case 'array':
      return [
        ...listProblems(span, isObjectAt(path), path),
        ...span.elements.flatMap((element, index) =>
          structureProblems(text, element, isObjectAt, [...path, String(index)]),
        ),
      ];
    case 'object':
      return [
        ...keyProblems(span, path),
        ...span.properties.flatMap(({ key, value }) => structureProblems(text, value, isObjectAt, [...path, key])),
      ];
  }
}

function numberProblems(text: string, { start, end }: Span, path: readonly string[]): Problem[] {
  if (!/^[+-]?(Infinity|NaN)$/.test(text.slice(start, end))) return [];
  return [{ offset: start, key: formatPath(path), what: 'expected a number', fix: 'Write a number that is one.' }];
}

/** The schema library takes a list for an object, because in JavaScript it is one. */
function listProblems({ start }: Span, isObject: boolean, path: readonly string[]): Problem[] {
  if (!isObject) return [];
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
