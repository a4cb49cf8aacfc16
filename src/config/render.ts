import { positionAt, type Span, spansOf } from './json5-spans.ts';

/** How a person writes their file, taken from what is already there. */
export interface Style {
  readonly quote: '"' | "'";
  /** Whether keys are quoted even where they need not be. */
  readonly quotedKeys: boolean;
  /** One step of indentation. */
  readonly unit: string;
  readonly newline: string;
}

const LINE_WIDTH = 100;

/** The style of the text; a string that is being replaced keeps its own quotes. */
export function styleOf(text: string, replaced?: Span): Style {
  const own = replaced ? text[replaced.start] : undefined;
  const first = /(?<=[:[,{]\s*)["']/.exec(text)?.[0];
  const quote = own === "'" || own === '"' ? own : first === "'" ? "'" : '"';
  const root = spansOf(text);
  const keys = root.kind === 'object' ? root.properties : [];
  const quotedKeys = keys.length > 0 && keys.every(({ start }) => /["']/.test(text[start]!));
  const indented = keys.find(({ start }) => positionAt(text, start).column > 1 && indentAt(text, start) !== '');
  const unit = indented ? indentAt(text, indented.start) : '  ';
  return { quote, quotedKeys, unit, newline: text.includes('\r\n') ? '\r\n' : '\n' };
}

/** The white space that the line of this offset begins with. */
export function indentAt(text: string, offset: number): string {
  const lineStart = Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
  return /^[ \t]*/.exec(text.slice(lineStart))![0];
}

/**
 * A value as JSON5 in this style: on one line when it fits and holds no objects of objects, else one line per item.
 * `indent` is that of its own line.
 */
export function renderValue(value: unknown, style: Style, indent: string): string {
  const inline = renderInline(value, style);
  if (typeof value !== 'object' || value === null) return inline;
  const isFlat = !Object.values(value).some((item) => isNested(item));
  if (isFlat && inline.length + indent.length <= LINE_WIDTH) return inline;
  const inner = indent + style.unit;
  const items = Array.isArray(value)
    ? value.map((item) => renderValue(item, style, inner))
    : Object.entries(value).map(([key, item]) => `${renderKey(key, style)}: ${renderValue(item, style, inner)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const comma = style.quotedKeys ? '' : ',';
  const lines = items.map((item, index) => `${inner}${item}${index < items.length - 1 ? ',' : comma}`);
  return [open, ...lines, `${indent}${close}`].join(style.newline);
}

function renderInline(value: unknown, style: Style): string {
  if (typeof value === 'string') return quoted(value, style.quote);
  if (Array.isArray(value)) return `[${value.map((item) => renderInline(item, style)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const items = Object.entries(value).map(([key, item]) => `${renderKey(key, style)}: ${renderInline(item, style)}`);
    return items.length === 0 ? '{}' : `{ ${items.join(', ')} }`;
  }
  return String(value);
}

export function renderKey(key: string, style: Style): string {
  const isPlain = /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(key);
  return isPlain && !style.quotedKeys ? key : quoted(key, style.quote);
}

function quoted(text: string, quote: Style['quote']): string {
  // JSON5 warns about these two when they are not escaped.
  const json = JSON.stringify(text)
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
  if (quote === '"') return json;
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
