import { isDeepStrictEqual } from 'node:util';
import JSON5 from 'json5';
import { MoltbotError } from '../core/errors.ts';
import { insertElement, insertProperty } from './insert.ts';
import { positionAt, type Span, spanAt, spansOf } from './json5-spans.ts';
import { type ConfigPath, formatPath } from './path.ts';
import { removeElement, removeProperty } from './remove.ts';
import { indentAt, renderValue, styleOf } from './render.ts';

/** One wanted change: the value at a path, or its removal. */
export interface ConfigEdit {
  readonly path: ConfigPath;
  /** Undefined removes the key. */
  readonly value: unknown;
}

/**
 * The text with exactly those changes: every byte outside the wanted values stays, comments, order, quotes and `${VAR}`
 * included. What comes out is read back and compared with what was meant; a difference is CONFIG_EDIT_REFUSED, naming
 * the line to change by hand. Works on any text that JSON5.parse takes, and on an empty one.
 */
export function applyEdits(text: string, edits: readonly ConfigEdit[]): string {
  if (text.trim() !== '') return edits.reduce(applyEdit, text);
  return edits.every(({ value }) => value === undefined) ? text : edits.reduce(applyEdit, '{\n}\n');
}

function applyEdit(text: string, edit: ConfigEdit): string {
  const before: unknown = JSON5.parse(text);
  const spans = spansOf(text);
  const changed = edit.value === undefined ? remove(text, spans, edit.path) : set(text, spans, edit.path, edit.value);
  if (!readsBackAs(changed, withEdit(before, edit.path, edit.value))) throw refused(text, spans, edit.path);
  return changed;
}

function set(text: string, spans: Span, path: ConfigPath, value: unknown): string {
  const existing = spanAt(spans, path);
  if (existing) {
    if (isDeepStrictEqual(JSON5.parse(text.slice(existing.start, existing.end)), value)) return text;
    const style = styleOf(text, existing);
    const rendered = renderValue(value, style, indentAt(text, existing.start));
    return text.slice(0, existing.start) + rendered + text.slice(existing.end);
  }
  const depth = deepestExisting(spans, path);
  const parent = spanAt(spans, path.slice(0, depth))!;
  const key = path[depth]!;
  const missing = path.slice(depth + 1).reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
  if (parent.kind === 'object') return insertProperty(text, parent, key, missing);
  if (parent.kind === 'array' && Number(key) === parent.elements.length) return insertElement(text, parent, missing);
  throw refused(text, spans, path);
}

function remove(text: string, spans: Span, path: ConfigPath): string {
  if (!spanAt(spans, path)) return text;
  const parent = spanAt(spans, path.slice(0, -1))!;
  const key = path.at(-1)!;
  if (parent.kind === 'object') return removeProperty(text, parent, key);
  if (parent.kind === 'array') return removeElement(text, parent, Number(key));
  return text;
}

/** How many steps of the path lead to something. */
function deepestExisting(spans: Span, path: ConfigPath): number {
  let depth = path.length - 1;
  while (depth > 0 && !spanAt(spans, path.slice(0, depth))) depth--;
  return depth;
}

/** The value with the edit made on a copy: what the changed text must read back as. */
function withEdit(root: unknown, path: ConfigPath, value: unknown): unknown {
  const copy = structuredClone(root);
  let parent = copy as Record<string, unknown>;
  for (const key of path.slice(0, -1)) {
    if (parent[key] === undefined && value === undefined) return copy;
    parent[key] ??= {};
    parent = parent[key] as Record<string, unknown>;
  }
  const key = path.at(-1)!;
  if (value !== undefined) parent[key] = value;
  else if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (typeof parent === 'object') delete parent[key];
  return copy;
}

function readsBackAs(text: string, meant: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON5.parse(text), meant);
  } catch {
    // An edit that breaks the file is one that does not read back.
    return false;
  }
}

function refused(text: string, spans: Span, path: ConfigPath): MoltbotError {
  const near = spanAt(spans, path.slice(0, deepestExisting(spans, path)))?.start ?? 0;
  const { line } = positionAt(text, spanAt(spans, path)?.start ?? near);
  return new MoltbotError('CONFIG_EDIT_REFUSED', `${formatPath(path)} cannot be changed safely by a program.`, {
    hint: `Nothing was changed. Change line ${line} by hand: moltbot config edit`,
  });
}
