const clocks = new Map<string, Intl.DateTimeFormat>();

/**
 * What the clocks of a time zone show, written as the UTC time with the same figures. @throws RangeError for a name that
 * is no time zone.
 */
export function localMs(timeZone: string, atMs: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of clockOf(timeZone).formatToParts(atMs)) parts[type] = Number(value);
  const { year, month, day, hour, minute, second } = parts;
  const milliseconds = ((atMs % 1000) + 1000) % 1000;
  return Date.UTC(year!, month! - 1, day, hour, minute, second, milliseconds);
}

/** Making one takes longer than a hundred answers of it. */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  let clock = clocks.get(timeZone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    clocks.set(timeZone, clock);
  }
  return clock;
}
