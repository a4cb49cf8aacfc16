import { type Span, skipSpace, skipValue } from './json-scan.ts';

/**
 * Takes the value at an offset and gives the offset after it; undefined leaves it to be skipped. `walk…` functions read
 * each byte once: a visitor that walks on into a value saves a second pass over it.
 */
type Visit<Place> = (place: Place, at: number) => number | undefined;

const BACKSLASH = '\\';
/** Keys that mean something are short; of longer ones only the beginning is given. */
const LONGEST_KEY = 256;

/** Visits each member of the object at `at`; the offset after it, or undefined when it is not well formed. */
export function walkObject(body: Buffer, at: number, visit: Visit<string>): number | undefined {
  return walk(body, at, 0x7b, 0x7d, (start) => {
    if (body[start] !== 0x22) return undefined;
    const keyEnd = skipValue(body, start);
    const colon = skipSpace(body, keyEnd);
    if (body[colon] !== 0x3a) return undefined;
    const value = skipSpace(body, colon + 1);
    return visit(keyAt(body, { start: start + 1, end: keyEnd - 1 }), value) ?? skipValue(body, value);
  });
}

/** Visits each element of the array at `at`, as `walkObject`. */
export function walkArray(body: Buffer, at: number, visit: (at: number) => number | undefined): number | undefined {
  return walk(body, at, 0x5b, 0x5d, (start) => visit(start) ?? skipValue(body, start));
}

/** The members of a small object, by key. Undefined when it is none, or has two of one name: parsers disagree which wins. */
export function membersByKey(body: Buffer, at: number): ReadonlyMap<string, Span> | undefined {
  const members = new Map<string, Span>();
  let isAmbiguous = false;
  const end = walkObject(body, at, (key, start) => {
    const after = skipValue(body, start);
    isAmbiguous ||= members.has(key);
    members.set(key, { start, end: after });
    return after;
  });
  return end === undefined || isAmbiguous ? undefined : members;
}

function walk(
  body: Buffer,
  at: number,
  open: number,
  close: number,
  step: (start: number) => number | undefined,
): number | undefined {
  if (body[at] !== open) return undefined;
  let next = skipSpace(body, at + 1);
  if (body[next] === close) return next + 1;
  for (;;) {
    const end = step(next);
    if (end === undefined || end > body.length) return undefined;
    next = skipSpace(body, end);
    if (body[next] === close) return next + 1;
    if (body[next] !== 0x2c) return undefined;
    next = skipSpace(body, next + 1);
  }
}

function keyAt(body: Buffer, { start, end }: Span): string {
  const text = body.toString('utf8', start, Math.min(end, start + LONGEST_KEY));
  if (!text.includes(BACKSLASH)) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    // No JSON string, or a long one cut short: the key of nothing that is looked for.
    return text;
  }
}
