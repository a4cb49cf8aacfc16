import { commaAfter } from './insert.ts';
import type { ArraySpan, ObjectSpan } from './json5-spans.ts';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Takes a property out, and its line when nothing else is on it. Comments around it stay. */
export function removeProperty(text: string, object: ObjectSpan, key: string): string {
  const items = object.properties.map(({ start, value }) => ({ start, end: value.end }));
  return removeItem(
    text,
    items,
    object.properties.findLastIndex((property) => property.key === key),
  );
}

export function removeElement(text: string, array: ArraySpan, index: number): string {
  return removeItem(text, array.elements, index);
}

function removeItem(text: string, items: readonly Range[], index: number): string {
  const item = items[index]!;
  const comma = commaAfter(text, item.end);
  const previous = items[index - 1];
  const commaBefore = comma === undefined && previous ? commaAfter(text, previous.end) : undefined;
  const withoutItem = cut(text, item, comma);
  // A last item without a comma leaves none behind: strict JSON stays strict JSON.
  if (commaBefore === undefined) return withoutItem;
  return withoutItem.slice(0, commaBefore) + withoutItem.slice(commaBefore + 1);
}

/** Removes the item and its comma; what stands between the two (a comment) stays. */
function cut(text: string, item: Range, comma: number | undefined): string {
  const between = comma === undefined ? '' : text.slice(item.end, comma);
  const end = comma === undefined ? item.end : comma + 1;
  const before = text.slice(0, item.start);
  const after = text.slice(end);
  const lineBefore = /[ \t]*$/.exec(before)![0];
  const startsLine =
    before.length === lineBefore.length || /[\n\r]$/.test(before.slice(0, before.length - lineBefore.length));
  const blankEnd = /^[ \t]*(\r\n|[\n\r])/.exec(after)?.[0];
  if (between.trim() !== '') return before + between + after;
  if (startsLine && blankEnd !== undefined)
    return before.slice(0, before.length - lineBefore.length) + after.slice(blankEnd.length);
  if (blankEnd !== undefined) return before.slice(0, before.length - lineBefore.length) + after;
  return before + after.replace(/^[ \t]+/, '');
}
