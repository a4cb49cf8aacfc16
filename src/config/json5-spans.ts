import JSON5 from 'json5';

/**
 * Where each key and value of a JSON5 text stands, so that an error can name a line and an edit can replace exactly the
 * bytes of one value. Offsets are indexes into the text (UTF-16 units); `end` is exclusive.
 */
export type Span = ObjectSpan | ArraySpan | PlainSpan;

export interface ObjectSpan {
  readonly kind: 'object';
  readonly start: number;
  readonly end: number;
  readonly properties: PropertySpan[];
}

export interface ArraySpan {
  readonly kind: 'array';
  readonly start: number;
  readonly end: number;
  readonly elements: Span[];
}

export interface PlainSpan {
  readonly kind: 'plain';
  readonly start: number;
  readonly end: number;
}

export interface PropertySpan {
  readonly key: string;
  readonly start: number;
  readonly value: Span;
}

/**
 * The tree of spans of a text that JSON5.parse accepts (the caller has made sure of that, which is why a regular
 * expression per token is enough here).
 */
export function spansOf(text: string): Span {
  const tokens = tokenize(text);
  let at = 0;
  const take = () => tokens[at++]!;
  const next = () => tokens[at]?.text;

  const value = (): Span => {
    const first = take();
    if (first.text === '{') return { kind: 'object', start: first.start, properties: properties(), end: take().end };
    if (first.text === '[') return { kind: 'array', start: first.start, elements: elements(), end: take().end };
    return { kind: 'plain', start: first.start, end: first.end };
  };
  const properties = (): PropertySpan[] => {
    const found: PropertySpan[] = [];
    while (next() !== '}') {
      const key = take();
      take();
      found.push({ key: keyOf(key.text), start: key.start, value: value() });
      if (next() === ',') take();
    }
    return found;
  };
  const elements = (): Span[] => {
    const found: Span[] = [];
    while (next() !== ']') {
      found.push(value());
      if (next() === ',') take();
    }
    return found;
  };
  return value();
}

export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** White space and comments, then: a string, a bracket, colon or comma, or a bare word or number. */
const TOKEN =
  /(?:\s|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/)*("(?:\\(?:\r\n|[\s\S])|[^"\\])*"|'(?:\\(?:\r\n|[\s\S])|[^'\\])*'|[{}[\]:,]|[^\s{}[\]:,"'/]+)/y;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const end = TOKEN.lastIndex;
    tokens.push({ text: match[1]!, start: end - match[1]!.length, end });
  }
  return tokens;
}

function keyOf(token: string): string {
  if (/^["']/.test(token)) return JSON5.parse(token);
  return token.includes('\\') ? Object.keys(JSON5.parse(`{${token}:0}`))[0]! : token;
}

/** The span of what a path leads to, or undefined. Numbers in a path are array indexes. */
export function spanAt(root: Span, path: readonly (string | number)[]): Span | undefined {
  let span: Span | undefined = root;
  for (const key of path) {
    if (span?.kind === 'object') span = span.properties.findLast((property) => property.key === key)?.value;
    else if (span?.kind === 'array') span = span.elements[Number(key)];
    else return undefined;
  }
  return span;
}

/** Line and column of an offset, both from 1. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split(/\r\n|[\n\r\u2028\u2029]/);
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}
