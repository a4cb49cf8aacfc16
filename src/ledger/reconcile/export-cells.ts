import { wholeNanoUsd } from '../cost.ts';

/** A day (UTC, `2026-11-21`) in a provider's way of writing it: a day, a time, or seconds since the epoch. */
export function dayIn(text: string): string | undefined {
  if (/^\d{9,11}(\.0+)?$/.test(text)) return dayAt(Number(text) * 1_000);
  if (/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$/.test(text)) return dayAt(Date.parse(text.replace(' ', 'T')));
  const [, year, month, day] = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:$|[T ])/.exec(text) ?? [];
  if (!year || !month || !day) return undefined;
  const written = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return dayAt(Date.parse(written)) === written ? written : undefined;
}

function dayAt(atMs: number): string | undefined {
  return Number.isFinite(atMs) && Math.abs(atMs) < 8.64e15 ? new Date(atMs).toISOString().slice(0, 10) : undefined;
}

/** `46981`, `46,981`, `46981.0`; nothing is 0. */
export function countIn(text: string): number | undefined {
  const digits = text.replace(/\.0+$/, '').replaceAll(',', '');
  return /^\d{0,14}$/.test(digits) ? Number(digits) : undefined;
}

/** Dollars (`0.8958740000000000`, `-1.5`, `$0.05`, `5e-06`) in millionths of nano-dollars, exactly as far as that goes. */
export function dollarsIn(text: string): bigint | undefined {
  const match = /^(-?)\$?(\d{0,12})(?:\.(\d{0,40}))?(?:e([+-]\d{1,2}))?$/i.exec(text.replaceAll(',', ''));
  if (!match) return undefined;
  const [, sign, whole = '', part = '', exponent = '0'] = match;
  const shift = 15 + Number(exponent) - part.length;
  if (shift > 30) return undefined;
  const digits = BigInt(`0${whole}${part}`);
  const amount = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return sign ? -amount : amount;
}

/** Those, rounded half-even once. */
export function nanoUsdIn(millionths: bigint): number {
  return millionths < 0n ? -wholeNanoUsd(-millionths) : wholeNanoUsd(millionths);
}
