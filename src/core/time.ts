/** The clock is an argument everywhere: epoch milliseconds. */
export type Clock = () => number;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const QUARTER_MS = 900_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

const UNIT_MS: Record<string, number> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** A hundred years. What is longer is a typing error, and its end would be no time that can be kept or shown. */
const LONGEST_MS = 36_500 * DAY_MS;

/**
 * `90s`, `30m`, `1h`, `365d` → milliseconds; anything else (also `0m`, `-1h`, `1.5h`, more than a hundred years) is
 * undefined, never a default.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^([1-9]\d{0,8})(s|m|h|d)$/.exec(text);
  if (!match) return undefined;
  const ms = Number(match[1]) * UNIT_MS[match[2]!]!;
  return ms <= LONGEST_MS ? ms : undefined;
}

/** `24h` before now, or a time as ISO 8601 writes it, in epoch ms; undefined for anything else. */
export function parseSince(text: string, nowMs: number): number | undefined {
  const backMs = parseDuration(text);
  if (backMs !== undefined) return nowMs - backMs;
  const atMs = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** Milliseconds in words for people: `45 s`, `2 min`, `3 h 20 min`, `12 d`. Rounds up, so that "in 1 s" is never early. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / SECOND_MS));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.ceil(ms / MINUTE_MS);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.ceil(minutes / 1440)} d`;
}

/** Epoch milliseconds as `2026-11-20 15:40:07 UTC`. The same on every machine, whatever its `TZ`. */
export function formatTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Whether this is an IANA name of a time zone, `UTC` among them. Offsets such as `+02:00` know no summer and are none. */
export function isTimeZone(text: string): boolean {
  if (text === 'UTC') return true;
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    // RangeError is how Intl says that it does not know it.
    return false;
  }
}

/** Epoch milliseconds as people of that time zone write it: `2026-11-22 00:00 Europe/Berlin`. */
export function formatInZone(atMs: number, timeZone: string): string {
  if (timeZone === 'UTC') return formatTime(atMs);
  const options = { timeZone, dateStyle: 'short', timeStyle: 'short' } as const;
  return `${new Intl.DateTimeFormat('sv-SE', options).format(atMs)} ${timeZone}`;
}
