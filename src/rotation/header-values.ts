import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/time.ts';

/** A plain non-negative decimal number. Everything else, `-1`, `NaN`, `1e9` or `0x10` included, is undefined. */
export function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}(\.\d{1,9})?$/.test(text.trim()) ? Number(text) : undefined;
}

/** `6ms`, `1s`, `1m30s`, `2h0m5.5s`, `1d` as milliseconds; a bare number is seconds. */
export function resetDuration(text: string | undefined): number | undefined {
  const seconds = decimal(text);
  if (seconds !== undefined) return seconds * SECOND_MS;
  const number = String.raw`(\d{1,9}(?:\.\d{1,9})?)`;
  const match = new RegExp(`^(?:${number}d)?(?:${number}h)?(?:${number}m)?(?:${number}s)?(?:${number}ms)?$`).exec(
    text?.trim() ?? '',
  );
  if (!match?.[0]) return undefined;
  const [days, hours, minutes, whole, ms] = match.slice(1).map((part) => Number(part ?? 0));
  return days! * DAY_MS + hours! * HOUR_MS + minutes! * MINUTE_MS + whole! * SECOND_MS + ms!;
}

/** RFC 3339 with a zone, as epoch ms; `Date.parse` alone would also take `1` for a date. */
export function rfc3339(text: string | undefined): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/.test(text ?? '')) return undefined;
  return finite(Date.parse(text!));
}

/** IMF-fixdate of RFC 9110, section 5.6.7, as epoch ms. The two obsolete forms are not sent by anyone here. */
export function httpDate(text: string | undefined): number | undefined {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text ?? '')) return undefined;
  return finite(Date.parse(text!));
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
