import { isRecord } from './answer-text.ts';

/** Every `cache_control` of a Messages request in the provider's order: tools, system, messages, then top-level. */
export function cacheMarksOf(body: Record<string, unknown>): Record<string, unknown>[] {
  const marks: Record<string, unknown>[] = [];
  for (const part of [body.tools, body.system, body.messages]) collect(part, marks);
  addMark(body.cache_control, marks);
  return marks;
}

/** Blocks nest: a message holds content, a tool result holds content again. */
function collect(value: unknown, marks: Record<string, unknown>[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, marks);
  } else if (isRecord(value)) {
    collect(value.content, marks);
    addMark(value.cache_control, marks);
  }
}

function addMark(mark: unknown, marks: Record<string, unknown>[]): void {
  if (isRecord(mark)) marks.push(mark);
}

/** What the provider says about wrong marks; undefined when they are right. */
export function cacheMarkComplaint(body: Record<string, unknown>): string | undefined {
  const marks = cacheMarksOf(body);
  if (marks.length > 4) return `A maximum of 4 blocks with cache_control may be provided. Found ${marks.length}.`;
  let shortSeen = false;
  for (const mark of marks) {
    if (mark.type !== 'ephemeral') return "cache_control.type: Input should be 'ephemeral'";
    const ttl = mark.ttl ?? '5m';
    if (ttl !== '5m' && ttl !== '1h') return "cache_control.ttl: Input should be '5m' or '1h'";
    if (ttl === '1h' && shortSeen) {
      return "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block.";
    }
    shortSeen ||= ttl === '5m';
  }
  return undefined;
}
