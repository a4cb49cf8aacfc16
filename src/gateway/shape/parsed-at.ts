import type { Span } from './json-scan.ts';

/** No value the gateway reads is longer; what is, stays unread. */
export const LONGEST_VALUE = 16_384;

/** The parsed value at a span of a body; undefined when there is none, it is long, or it is no JSON. */
export function parsedAt(body: Buffer, span: Span | undefined): unknown {
  if (!span || span.end - span.start > LONGEST_VALUE) return undefined;
  try {
    return JSON.parse(body.toString('utf8', span.start, span.end)) as unknown;
  } catch {
    // Malformed inside: the provider says so.
    return undefined;
  }
}
