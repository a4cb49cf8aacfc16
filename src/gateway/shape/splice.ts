/** Bytes to put in the place of `start…end` of a body (equal offsets: an insertion). */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The body with all splices applied in one copy; the same Buffer when there are none. Splices must not overlap. */
export function applySplices(body: Buffer, splices: readonly Splice[]): Buffer {
  if (splices.length === 0) return body;
  const pieces: Buffer[] = [];
  let from = 0;
  for (const splice of splices.toSorted((a, b) => a.start - b.start)) {
    pieces.push(body.subarray(from, splice.start), Buffer.from(splice.text));
    from = splice.end;
  }
  pieces.push(body.subarray(from));
  return Buffer.concat(pieces);
}
