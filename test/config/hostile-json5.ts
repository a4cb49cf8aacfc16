// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the config, not of JavaScript
import fc from 'fast-check';

/** White space and comments that try to look like structure. */
const trivia = fc.constantFrom(
  '',
  ' ',
  '\t',
  '\n',
  '\r\n  ',
  '/* , } ] " */',
  '// ", }\n',
  "/* ' // */ ",
  '\n  // { [ : \n  ',
);
const key = fc.constantFrom(
  'a',
  'b',
  'gateway',
  '$x',
  'null',
  'Infinity',
  'a-b',
  'a/b',
  'ä',
  '0',
  "it's",
  'a"b',
  '//',
  '/*',
  'x y',
  '\\',
);
const plain = fc.oneof(
  fc.constantFrom('1', '+.5', '-0x1F', '5.', '1e3', 'true', 'false', 'null', '""', "''", '"${VAR}"', "'${VAR}'"),
  fc.constantFrom(
    '"// no comment"',
    "'/* no */ comment'",
    '"a\\\nb"',
    "'it\\'s'",
    '"\\u0041\\x41"',
    '"}"',
    "',]'",
    '"\\\\"',
  ),
);

/** A JSON5 object as a person in a hurry, or an enemy, would write it. */
export const hostileObject: fc.Arbitrary<string> = fc.letrec<{ value: string; object: string; array: string }>(
  (tie) => ({
    value: fc.oneof({ maxDepth: 3, withCrossShrink: true }, plain, tie('object'), tie('array')),
    object: fc
      .tuple(
        fc.uniqueArray(key, { maxLength: 4 }),
        fc.infiniteStream(tie('value')),
        fc.infiniteStream(trivia),
        fc.infiniteStream(fc.nat(2)),
        fc.boolean(),
      )
      .map(([keys, values, gaps, quotes, comma]) => {
        const gap = () => gaps.next().value as string;
        const items = keys.map(
          (name) =>
            `${gap()}${written(name, quotes.next().value as number)}${gap()}:${gap()}${values.next().value}${gap()}`,
        );
        return `{${joined(items, comma, gap)}}`;
      }),
    array: fc
      .tuple(fc.array(tie('value'), { maxLength: 3 }), fc.infiniteStream(trivia), fc.boolean())
      .map(([values, gaps, comma]) => {
        const gap = () => gaps.next().value as string;
        return `[${joined(
          values.map((value) => `${gap()}${value}${gap()}`),
          comma,
          gap,
        )}]`;
      }),
  }),
).object;

function joined(items: readonly string[], comma: boolean, gap: () => string): string {
  return `${items.join(',')}${comma && items.length > 0 ? ',' : ''}${gap()}`;
}

function written(name: string, quotes: number): string {
  if (quotes === 0 && /^[\p{L}$_][\p{L}\d$_]*$/u.test(name)) return name;
  if (quotes === 1) return `'${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  return JSON.stringify(name);
}
