import { skipSpace, skipValue } from '../shape/json-scan.ts';

/** A block of figures is shorter than this. */
const LONGEST_BLOCK = 16_384;

/**
 * The last object called "usage" in JSON that is too large to parse as a whole. Quotes inside of strings are escaped, so
 * text that only looks like one is not found.
 */
export function findUsage(json: Buffer): Readonly<Record<string, unknown>> | undefined {
  const key = json.lastIndexOf('"usage"');
  if (key < 0) return undefined;
  const colon = skipSpace(json, key + 7);
  const start = skipSpace(json, colon + 1);
  if (json[colon] !== 0x3a || json[start] !== 0x7b) return undefined;
  const end = skipValue(json, start);
  if (end > json.length || end - start > LONGEST_BLOCK) return undefined;
  try {
    return JSON.parse(json.toString('utf8', start, end)) as Record<string, unknown>;
  } catch {
    // Malformed inside: then nobody knows.
    return undefined;
  }
}
