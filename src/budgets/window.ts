import { localMs } from '../core/local-time.ts';
import { DAY_MS, HOUR_MS } from '../core/time.ts';
import type { BudgetWindow } from './budget.ts';

/** Milliseconds since the epoch, `startMs` inclusive, `endMs` exclusive; null: it never ends. */
export interface WindowSpan {
  readonly startMs: number;
  readonly endMs: number | null;
}

export const ROLLING_MS = 30 * DAY_MS;

/**
 * The window of a budget in which a moment lies. Days, weeks (from Monday) and months begin with the first moment of
 * their first day in the time zone: at 00:00, or where summer time leaves that out, when the clocks go on. `30d` ends
 * with the hour that is under way (hours of UTC) and moves on with it; `total` is all of time. Keep what it gives until
 * `endMs`: it cannot change before. @throws RangeError for a name that is no time zone.
 */
export function windowAt(per: BudgetWindow, timeZone: string, nowMs: number): WindowSpan {
  if (per === 'total') return { startMs: 0, endMs: null };
  if (per === '30d') {
    const endMs = (Math.floor(nowMs / HOUR_MS) + 1) * HOUR_MS;
    return { startMs: endMs - ROLLING_MS, endMs };
  }
  let begin = beginOf(per, localMs(timeZone, nowMs));
  let endMs = firstMoment(timeZone, nextOf(per, begin));
  // Clocks that were put back over midnight show the day before again: the new window has begun all the same.
  while (endMs <= nowMs) {
    begin = nextOf(per, begin);
    endMs = firstMoment(timeZone, nextOf(per, begin));
  }
  return { startMs: firstMoment(timeZone, begin), endMs };
}

type CalendarWindow = Exclude<BudgetWindow, '30d' | 'total'>;

/** Of a local time, which is written as the UTC time with the same figures. */
function beginOf(per: CalendarWindow, local: number): number {
  const day = Math.floor(local / DAY_MS) * DAY_MS;
  const date = new Date(day);
  if (per === 'day') return day;
  if (per === 'week') return day - ((date.getUTCDay() + 6) % 7) * DAY_MS;
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

function nextOf(per: CalendarWindow, begin: number): number {
  if (per === 'day') return begin + DAY_MS;
  if (per === 'week') return begin + 7 * DAY_MS;
  const date = new Date(begin);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** The first moment at which the clocks of a zone show a local midnight or anything later. */
function firstMoment(timeZone: string, midnight: number): number {
  // No zone is further than 16 hours from UTC, so what is looked for lies between.
  let before = midnight - DAY_MS;
  let after = midnight + DAY_MS;
  const offsetMs = localMs(timeZone, before) - before;
  const unchanged = midnight - offsetMs;
  if (localMs(timeZone, after) - after === offsetMs) return unchanged;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localMs(timeZone, middle) >= midnight) after = middle;
    else before = middle;
  }
  // Of two midnights (clocks put back just after the first) the search may have found the second.
  return unchanged < after && localMs(timeZone, unchanged) >= midnight ? unchanged : after;
}
