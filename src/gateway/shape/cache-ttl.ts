import type { CacheTtl } from '../../catalog/model-price.ts';
import type { ControlFields } from './control-fields.ts';
import { elementsAt, isKey, type Member, MOST_PLACES, membersAt, type Span } from './json-scan.ts';
import type { Splice } from './splice.ts';

/** A `cache_control` object as the provider reads it: its ttl (absent: 5 minutes) and where one could be put in. */
interface Mark {
  readonly ttl: string | undefined;
  /** Undefined: nothing may be put in (it has a ttl, is of another type, or is odd). */
  readonly insertAt: number | undefined;
}

/** The provider takes four; with more the request is refused anyway and stays as it is. */
const MOST_MARKS = 4;
const MOST_MARK_PLACES = 64;
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
  const search: Search = { body, marks: [], places: placesOfMarks(control) };
  const at = (name: string) => control.fields.get(name);
  collectFromBlocks(search, at('tools'), 1);
  collectFromBlocks(search, at('system'), 1);
  for (const message of elementsOf(search, at('messages'))) {
    collectFromBlocks(search, uniqueMember(membersOf(body, message), body, 'content'), 1);
  }
  addMark(search, at('cache_control'));
  return search.marks;
}

interface Search {
  readonly body: Buffer;
  readonly marks: Mark[];
  /** Where marks may stand; undefined: too many to compare with. */
  readonly places: readonly number[] | undefined;
}

/** So that the long history of a conversation is not read again for the few blocks that have a mark. */
function placesOfMarks({ places }: ControlFields): readonly number[] | undefined {
  const marks = places.filter(({ name }) => name === 'cache_control').map(({ end }) => end);
  return marks.length > MOST_MARK_PLACES || places.length === MOST_PLACES ? undefined : marks;
}

/** The marks of a list of tools or content blocks; a block's own mark ends it, so those of its content come first. */
function collectFromBlocks(search: Search, list: Span | undefined, depth: number): void {
  const { body } = search;
  for (const block of elementsOf(search, list)) {
    const members = membersOf(body, block);
    if (depth < DEEPEST_CONTENT) collectFromBlocks(search, uniqueMember(members, body, 'content'), depth + 1);
    addMark(search, uniqueMember(members, body, 'cache_control'));
  }
}

function addMark({ body, marks }: Search, span: Span | undefined): void {
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

/** The elements of a list that may hold a mark. */
function elementsOf(search: Search, list: Span | undefined): readonly Span[] {
  if (!list || search.body[list.start] !== 0x5b || !mayHoldMark(search, list)) return [];
  return (elementsAt(search.body, list.start) ?? []).filter((element) => mayHoldMark(search, element));
}

function mayHoldMark({ places }: Search, span: Span): boolean {
  return !places || places.some((place) => place >= span.start && place < span.end);
}

/** The value of a key that stands exactly once. */
function uniqueMember(members: readonly Member[], body: Buffer, name: string): Span | undefined {
  const found = members.filter(({ key }) => isKey(body, key, name));
  return found.length === 1 ? found[0]!.value : undefined;
}

function textAt(body: Buffer, span: Span): string {
  return body.toString('latin1', span.start, Math.min(span.end, span.start + 64));
}
