// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the config, not of JavaScript
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import JSON5 from 'json5';
import { describe, expect, it } from 'vitest';
import { applyEdits, type ConfigEdit } from '../../src/config/apply-edits.ts';
import { spanAt, spansOf } from '../../src/config/json5-spans.ts';
import { hostileObject } from './hostile-json5.ts';

const set = (path: string, value: unknown): ConfigEdit => ({ path: path.split('.'), value });
const unset = (path: string): ConfigEdit => ({ path: path.split('.'), value: undefined });

describe('applyEdits', () => {
  it.each<[string, string, ConfigEdit[], string]>([
    ['starts a file', '', [set('a.b', 1)], '{\n  a: { b: 1 },\n}\n'],
    ['nests new sections over several lines', '', [set('a.b.c', 'x')], '{\n  a: {\n    b: { c: "x" },\n  },\n}\n'],
    ['keeps the quotes of a string it replaces', '{ a: \'x\', b: "y" }', [set('a', 'z')], '{ a: \'z\', b: "y" }'],
    [
      'keeps comments around a value',
      '{ a: /* one */ 1 /* two */, // three\n}',
      [set('a', 2)],
      '{ a: /* one */ 2 /* two */, // three\n}',
    ],
    [
      'leaves a value that is right already as it is written',
      '{ a: 0x10, b: [1 /* x */] }',
      [set('a', 16), set('b', [1])],
      '{ a: 0x10, b: [1 /* x */] }',
    ],
    ['adds to one line', '{ a: 1 }', [set('b', 2)], '{ a: 1, b: 2 }'],
    ['adds to one line with a trailing comma', '{ a: 1, }', [set('b', 2)], '{ a: 1, b: 2, }'],
    [
      'adds below the last line, past its comment',
      '{\n\ta: 1, // one\n}',
      [set('b', 2)],
      '{\n\ta: 1, // one\n\tb: 2,\n}',
    ],
    ['keeps strict JSON strict', '{\n  "a": 1\n}', [set('b', 2)], '{\n  "a": 1,\n  "b": 2\n}'],
    ['keeps Windows line ends', '{\r\n  a: 1,\r\n}\r\n', [set('b', 2)], '{\r\n  a: 1,\r\n  b: 2,\r\n}\r\n'],
    [
      'fills an empty object that holds a comment',
      '{ a: { /* none */ } }',
      [set('a.b', 1)],
      '{ a: { /* none */ b: 1 } }',
    ],
    [
      'fills an empty object over several lines',
      '{\n  a: {\n    // none\n  },\n}',
      [set('a.b', 1)],
      '{\n  a: {\n    // none\n    b: 1,\n  },\n}',
    ],
    ['appends to a list', '{ a: ["x"], b: [] }', [set('a.1', 'y'), set('b.0', 'z')], '{ a: ["x", "y"], b: ["z"] }'],
    ['replaces in a list', '{ a: ["x", \'y\'] }', [set('a.1', 'z')], '{ a: ["x", \'z\'] }'],
    ['removes a line', '{\n  a: 1,\n  b: 2,\n  c: 3,\n}', [unset('b')], '{\n  a: 1,\n  c: 3,\n}'],
    ['keeps the comment of a removed line', '{\n  a: 1,\n  b: 2, // why\n}', [unset('b')], '{\n  a: 1,\n  // why\n}'],
    [
      'removes the last of strict JSON with the comma before it',
      '{\n  "a": 1,\n  "b": 2\n}',
      [unset('b')],
      '{\n  "a": 1\n}',
    ],
    ['removes from one line', '{ a: 1, b: 2, c: 3 }', [unset('b')], '{ a: 1, c: 3 }'],
    ['removes from a list', '{ a: ["x", "y"] }', [unset('a.0')], '{ a: ["y"] }'],
    ['removes nothing where nothing is', '{ a: 1 } // x', [unset('b.c')], '{ a: 1 } // x'],
    ['keeps references', '{ a: "${A}", b: 1 }', [set('b', '${B}')], '{ a: "${A}", b: "${B}" }'],
    ['quotes keys that need it', '{ a: 1 }', [set('x/y', 2)], '{ a: 1, "x/y": 2 }'],
  ])('%s', (_, before, edits, after) => {
    expect(applyEdits(before, edits)).toBe(after);
  });

  it('refuses to go through a value that is no object, and names the line', () => {
    expect(() => applyEdits('{\n\n  a: "text",\n}', [set('a.b', 1)])).toThrow(
      expect.objectContaining({
        code: 'CONFIG_EDIT_REFUSED',
        message: 'a.b cannot be changed safely by a program.',
        hint: 'Nothing was changed. Change line 3 by hand: moltbot config edit',
      }),
    );
  });

  it('refuses a place in a list that is past its end', () => {
    expect(() => applyEdits('{ a: [1] }', [set('a.5', 1)])).toThrow(
      expect.objectContaining({ code: 'CONFIG_EDIT_REFUSED' }),
    );
  });
});

describe('applyEdits, whatever the file looks like', () => {
  const value = fc.oneof(
    fc.constantFrom<unknown>('x', "it's", 'a"b\n', '\u2028', 0, -1.5, true, null, [], ['y'], {}),
    fc.constant({ k: { l: ['m'] } }),
  );

  it('sets any value to what was meant, and loses no comment outside of it', () => {
    fc.assert(
      fc.property(hostileObject, fc.nat(), value, (text, pick, wanted) => {
        const before = JSON5.parse(text);
        const paths = [...pathsOf(before), ['brand', 'new'], ['fresh']];
        const path = paths[pick % paths.length]!;
        const after = applyEdits(text, [{ path, value: wanted }]);
        expect(JSON5.parse(after)).toEqual(withValue(before, path, wanted));
        const isAlready = isDeepStrictEqual(before, JSON5.parse(after));
        expect(commentsOf(after)).toEqual(commentsOf(isAlready ? text : without(text, path, 'value')));
      }),
      { numRuns: 1_000 },
    );
  });

  it('removes any value, and loses no comment outside of it', () => {
    fc.assert(
      fc.property(hostileObject, fc.nat(), (text, pick) => {
        const before = JSON5.parse(text);
        const paths = pathsOf(before);
        fc.pre(paths.length > 0);
        const path = paths[pick % paths.length]!;
        const after = applyEdits(text, [{ path, value: undefined }]);
        expect(JSON5.parse(after)).toEqual(withValue(before, path, undefined));
        expect(commentsOf(after)).toEqual(commentsOf(without(text, path, 'property')));
      }),
      { numRuns: 1_000 },
    );
  });

  it('knows where every value stands', () => {
    fc.assert(
      fc.property(hostileObject, (text) => {
        const root: unknown = JSON5.parse(text);
        for (const path of pathsOf(root)) {
          const span = spanAt(spansOf(text), path)!;
          const value = path.reduce<unknown>((inside, key) => (inside as Record<string, unknown>)[key], root);
          expect(JSON5.parse(text.slice(span.start, span.end))).toEqual(value);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('adds a key and takes it away again', () => {
    fc.assert(
      fc.property(hostileObject, (text) => {
        const added = applyEdits(text, [{ path: ['fresh'], value: 1 }]);
        expect(JSON5.parse(applyEdits(added, [{ path: ['fresh'], value: undefined }]))).toEqual(JSON5.parse(text));
        expect(added.length - text.length).toBeLessThan(20);
      }),
      { numRuns: 500 },
    );
  });
});

/** Every path in a value. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => [
    [...path, key],
    ...pathsOf((value as Record<string, unknown>)[key], [...path, key]),
  ]);
}

/** The same change on plain values, written independently of the code under test. */
function withValue(root: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (Array.isArray(root)) {
    if (rest.length > 0)
      return root.map((item, index) => (String(index) === key ? withValue(item, rest, value) : item));
    return value === undefined ? root.filter((_, index) => String(index) !== key) : root.with(Number(key), value);
  }
  const object = (root ?? {}) as Record<string, unknown>;
  if (rest.length > 0) return { ...object, [key!]: withValue(object[key!], rest, value) };
  const { [key!]: _, ...others } = object;
  return value === undefined ? others : { ...others, [key!]: value };
}

/** The text without a value, or with `property` without its key too; spans are tested on their own below. */
function without(text: string, path: readonly string[], part: 'value' | 'property'): string {
  const span = spanAt(spansOf(text), path);
  if (!span) return text;
  const parent = spanAt(spansOf(text), path.slice(0, -1));
  const property =
    parent?.kind === 'object' ? parent.properties.find(({ value }) => value.start === span.start) : undefined;
  const start = part === 'property' ? (property?.start ?? span.start) : span.start;
  return `${text.slice(0, start)}0${text.slice(span.end)}`;
}

/** Comments in order, strings skipped. */
function commentsOf(text: string): string[] {
  const tokens = text.matchAll(/"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|(\/\/[^\n\r]*|\/\*[\s\S]*?\*\/)/g);
  return [...tokens].flatMap((match) => match[1] ?? []);
}
