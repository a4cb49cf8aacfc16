import { localMs } from '../core/local-time.ts';
import { DAY_MS, QUARTER_MS, SECOND_MS } from '../core/time.ts';
import type { Database } from '../database/database.ts';

const QUARTERS_A_DAY = DAY_MS / QUARTER_MS;

/** The quarters of the first and of the last row; each of the four is one look into an index. */
const SPAN = `SELECT min(quarter) AS first, max(quarter) AS last FROM (
  SELECT min(quarter) AS quarter FROM usage_quarters UNION ALL SELECT max(quarter) FROM usage_quarters
  UNION ALL SELECT min(admitted_at_ms) / ${QUARTER_MS} FROM ledger
  UNION ALL SELECT max(admitted_at_ms) / ${QUARTER_MS} FROM ledger)`;

/**
 * The day of `quarter` on the calendar of a time zone, as an expression of SQL: exact from `sinceMs` until the last row.
 * All zones are whole quarters of an hour away from UTC, and change their clocks at one.
 */
export function dayOfQuarter(database: Database, timeZone: string, sinceMs: number): string {
  const { first, last } = database.get<{ first: number | null; last: number | null }>(SPAN)!;
  const from = Math.max(Math.floor(sinceMs / QUARTER_MS), first ?? 0);
  const to = Math.max(from, last ?? 0);
  const changes = offsetChanges(timeZone, from, to);
  const cases = changes.map(({ before, offsetMs }) => `WHEN quarter < ${before} THEN ${offsetMs / SECOND_MS}`);
  const lastOffset = offsetAt(timeZone, to) / SECOND_MS;
  const offset = cases.length === 0 ? String(lastOffset) : `CASE ${cases.join(' ')} ELSE ${lastOffset} END`;
  return `date(quarter * 900 + ${offset}, 'unixepoch')`;
}

/** Up to which quarter which offset holds, for all but the last. */
function offsetChanges(timeZone: string, from: number, to: number): { before: number; offsetMs: number }[] {
  const changes: { before: number; offsetMs: number }[] = [];
  for (let quarter = from; quarter < to; ) {
    const next = Math.min(quarter + QUARTERS_A_DAY, to);
    const offsetMs = offsetAt(timeZone, quarter);
    if (offsetAt(timeZone, next) !== offsetMs)
      changes.push({ before: firstOther(timeZone, quarter, next, offsetMs), offsetMs });
    quarter = next;
  }
  return changes;
}

/** The first quarter between the two at which the clocks show something else; at `after` they do. */
function firstOther(timeZone: string, before: number, after: number, offsetMs: number): number {
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(timeZone, middle) === offsetMs) before = middle;
    else after = middle;
  }
  return after;
}

/** How far the clocks of the zone are ahead of UTC. */
function offsetAt(timeZone: string, quarter: number): number {
  const atMs = quarter * QUARTER_MS;
  return localMs(timeZone, atMs) - atMs;
}
