import type { Stores } from '../../app.ts';
import { formatHead, headOf } from '../../audit/head.ts';
import { storyJson } from '../../status/story.ts';

export interface Exported {
  readonly decisions: number;
  readonly requests: number;
  readonly head: string | null;
}

const PAGE = 1_000;

/**
 * Writes one JSON object a line: a first one that says what follows and carries the head, every decision in order, every
 * request in order, and a last one with the counts and the head again, so that a cut file shows. One state of both books.
 */
export function exportAudit(
  stores: Stores | undefined,
  sinceMs: number | undefined,
  nowMs: number,
  write: (line: string) => void,
): Exported {
  const line = (value: object) => write(`${JSON.stringify(value)}\n`);
  if (!stores) return frame(line, null, nowMs, () => ({ decisions: 0, requests: 0 }));
  return stores.database.snapshot(() => {
    const head = headOf(stores.database);
    return frame(line, head ? formatHead(head) : null, nowMs, () => {
      const { audit, ledger } = stores;
      const query = { sinceMs, limit: PAGE };
      const decisions = pages(
        (afterSeq) => audit.after({ ...query, afterSeq }),
        ({ seq }) => seq,
        (row) => line(storyJson({ kind: 'decision', atMs: row.atMs, row })),
      );
      const requests = pages(
        (afterId) => ledger.after({ ...query, afterId }),
        ({ id }) => id,
        (row) => line(storyJson({ kind: 'request', atMs: row.admittedAtMs, row })),
      );
      return { decisions, requests };
    });
  });
}

function frame(
  line: (value: object) => void,
  head: string | null,
  nowMs: number,
  body: () => { decisions: number; requests: number },
): Exported {
  line({ kind: 'begin', schemaVersion: 1, at: nowMs, head });
  const counts = body();
  line({ kind: 'end', ...counts, head });
  return { ...counts, head };
}

/** Writes one of the two books, page by page, and gives its number of rows. */
function pages<Row>(read: (after: number) => Row[], placeOf: (row: Row) => number, take: (row: Row) => void): number {
  let count = 0;
  for (let after = 0; ; ) {
    const rows = read(after);
    if (rows.length === 0) return count;
    for (const row of rows) take(row);
    count += rows.length;
    after = placeOf(rows.at(-1)!);
  }
}
