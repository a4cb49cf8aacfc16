import type { ArraySpan, ObjectSpan } from './json5-spans.ts';
import { indentAt, renderKey, renderValue, type Style, styleOf } from './render.ts';

/** Adds a property after the last one. */
export function insertProperty(text: string, object: ObjectSpan, key: string, value: unknown): string {
  const style = styleOf(text);
  const render = (indent: string) => `${renderKey(key, style)}: ${renderValue(value, style, indent)}`;
  const last = object.properties.at(-1);
  const gapStart = object.properties.at(-2)?.value.end ?? object.start;
  return insertItem(text, object, last && { start: last.start, end: last.value.end }, gapStart, render, style);
}

/** Adds an element at the end of a list. */
export function insertElement(text: string, array: ArraySpan, value: unknown): string {
  const style = styleOf(text);
  const gapStart = array.elements.at(-2)?.end ?? array.start;
  return insertItem(text, array, array.elements.at(-1), gapStart, (indent) => renderValue(value, style, indent), style);
}

type Range = { readonly start: number; readonly end: number };

/** `gapStart` is where the white space before the last item begins: a line break in it means one item per line. */
function insertItem(
  text: string,
  container: Range & { readonly kind: 'object' | 'array' },
  last: Range | undefined,
  gapStart: number,
  render: (indent: string) => string,
  style: Style,
): string {
  if (!last) return insertFirst(text, container, render, style);
  const comma = commaAfter(text, last.end);
  const from = comma === undefined ? last.end : comma + 1;
  const isOnOwnLine = /[\n\r]/.test(text.slice(gapStart, last.start));
  if (!isOnOwnLine) {
    const item =
      comma === undefined
        ? `, ${render(indentAt(text, container.start))}`
        : ` ${render(indentAt(text, container.start))},`;
    return text.slice(0, from) + item + text.slice(from);
  }
  const indent = indentAt(text, last.start);
  const at = endOfLine(text, from);
  const item = `${style.newline}${indent}${render(indent)}${comma === undefined ? '' : ','}`;
  const between = `${comma === undefined ? ',' : ''}${text.slice(from, at)}`;
  return text.slice(0, from) + between + item + text.slice(at);
}

/** Into an empty container, which may hold comments. */
function insertFirst(
  text: string,
  container: Range & { readonly kind: 'object' | 'array' },
  render: (indent: string) => string,
  style: Style,
): string {
  const [start, end] = [container.start + 1, container.end - 1];
  const inner = text.slice(start, end);
  // Up to the end of its last comment; what white space follows is made anew.
  const kept = /^(?:\s*(?:\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/))*/.exec(inner)![0];
  const outerIndent = indentAt(text, container.start);
  const isRoot = text.slice(0, container.start).replace(/\s|\/\/.*|\/\*[\s\S]*?\*\//g, '') === '';
  if (!/[\n\r]/.test(inner) && !isRoot) {
    const pad = container.kind === 'object' || inner.trim() !== '' ? ' ' : '';
    return `${text.slice(0, start)}${kept}${pad}${render(outerIndent)}${pad}${text.slice(end)}`;
  }
  const indent = outerIndent + style.unit;
  const comma = style.quotedKeys ? '' : ',';
  return `${text.slice(0, start)}${kept}${style.newline}${indent}${render(indent)}${comma}${style.newline}${outerIndent}${text.slice(end)}`;
}

/** Where the comma after an item stands, or undefined. */
export function commaAfter(text: string, offset: number): number | undefined {
  const at = skipTrivia(text, offset);
  return text[at] === ',' ? at : undefined;
}

/** The first offset that is neither white space nor in a comment. */
export function skipTrivia(text: string, offset: number): number {
  const trivia = /(?:\s|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/)*/y;
  trivia.lastIndex = offset;
  trivia.exec(text);
  return trivia.lastIndex;
}

/** The end of what belongs to this line: after its comments, before its line break or whatever else follows. */
function endOfLine(text: string, offset: number): number {
  const rest = /(?:[ \t]*(?:\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/))*/y;
  rest.lastIndex = offset;
  rest.exec(text);
  return rest.lastIndex;
}
