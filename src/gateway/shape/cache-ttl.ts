import type { ControlFields } from './control-fields.ts';
import { elementsAt, isKey, type Member, membersAt, type Span } from './json-scan.ts';
import type { Splice } from './splice.ts';

export type CacheTtl = '5m' | '1h';

/** A `cache_control` object as the provider reads it: its ttl (absent: 5 minutes) and where one could be put in. */
interface Mark {
  readonly ttl: string | undefined;
  /** Undefined: nothing may be put in (it has a ttl, is of another type, or is odd). */
  readonly insertAt: number | undefined;
}

/** The provider takes four; with more the request is refused anyway and stays as it is. */
const MOST_MARKS = 4;
/** A message's content, a tool_result's content, and one level to spare. */
const DEEPEST_CONTENT = 3;

/**
 * The splices that set `ttl` on each `cache_control` of type `ephemeral` which has none. Never puts a 1 h mark after a
 * 5 m mark in the provider's order (tools, system, messages, then the top-level mark): such a request is refused.
 */
export function cacheTtlSplices(body: Buffer, control: ControlFields, ttl: CacheTtl): Splice[] {
  const marks = marksInOrder(body, control);
  if (marks.length > MOST_MARKS) return [];
  const splices: Splice[] = [];
  let isShort = false;
  for (const mark of marks) {
    const { insertAt } = mark;
    if (insertAt === undefined || (ttl === '1h' && isShort)) {
      isShort ||= mark.ttl !== '1h';
      continue;
    }
    splices.push({ start: insertAt, end: insertAt, text: `,"ttl":"${ttl}"` });
    isShort ||= ttl !== '1h';
  }
  return splices;
}

function marksInOrder(body: Buffer, control: ControlFields): Mark[] {
  const marks: Mark[] = [];
  const at = (name: string) => control.fields.get(name);
  collectFromBlocks(body, at('tools'), marks, 1);
  collectFromBlocks(body, at('system'), marks, 1);
  for (const message of elementsOf(body, at('messages'))) {
    const content = uniqueMember(membersOf(body, message), body, 'content');
    collectFromBlocks(body, content, marks, 1);
  }
  addMark(body, at('cache_control'), marks);
  return marks;
}

/** The marks of a list of tools or content blocks; a block's own mark ends it, so those of its content come first. */
function collectFromBlocks(body: Buffer, list: Span | undefined, marks: Mark[], depth: number): void {
  for (const block of elementsOf(body, list)) {
    const members = membersOf(body, block);
    if (depth < DEEPEST_CONTENT) collectFromBlocks(body, uniqueMember(members, body, 'content'), marks, depth + 1);
    addMark(body, uniqueMember(members, body, 'cache_control'), marks);
  }
}

function addMark(body: Buffer, span: Span | undefined, marks: Mark[]): void {
  if (!span || body[span.start] !== 0x7b) return;
  const members = membersOf(body, span);
  const type = uniqueMember(members, body, 'type');
  const ttl = members.find(({ key }) => isKey(body, key, 'ttl'));
  const isPlain = type !== undefined && textAt(body, type) === '"ephemeral"' && !hasEscapedKey(body, members);
  marks.push({
    ttl: ttl && textAt(body, ttl.value).slice(1, -1),
    insertAt: isPlain && !ttl ? members.at(-1)!.value.end : undefined,
  });
}

/** A key with a backslash may be `ttl` in disguise: such a mark is left alone. */
function hasEscapedKey(body: Buffer, members: readonly Member[]): boolean {
  return members.some(({ key }) => body.toString('latin1', key.start, key.end).includes('\\'));
}

function membersOf(body: Buffer, span: Span): readonly Member[] {
  return body[span.start] === 0x7b ? (membersAt(body, span.start)?.members ?? []) : [];
}

function elementsOf(body: Buffer, span: Span | undefined): readonly Span[] {
  return span && body[span.start] === 0x5b ? (elementsAt(body, span.start) ?? []) : [];
}

/** The value of a key that stands exactly once. */
function uniqueMember(members: readonly Member[], body: Buffer, name: string): Span | undefined {
  const found = members.filter(({ key }) => isKey(body, key, name));
  return found.length === 1 ? found[0]!.value : undefined;
}

function textAt(body: Buffer, span: Span): string {
  return body.toString('latin1', span.start, Math.min(span.end, span.start + 64));
}
