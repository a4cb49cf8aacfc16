import { printable } from '../core/text.ts';
import { DAY_MS, formatTime } from '../core/time.ts';
import type { Limit } from '../rotation/limits.ts';

/** `5 h: 73 %, resets 15:40 UTC`, one limit after the other; empty where nothing was heard. */
export function limitsText(limits: readonly Limit[], nowMs: number): string {
  return limits.map((limit) => `${wordsOf(limit.name)}: ${state(limit)}${ending(limit, nowMs)}`).join('; ');
}

/** `5h` → 5 h, `input-tokens` → input tokens. */
function wordsOf(name: string): string {
  return printable(name.replace(/^(\d+)([a-z])/, '$1 $2').replace(/[-_]/g, ' '));
}

function state({ used, remaining, limit }: Limit): string {
  if (used !== undefined) return `${Math.round(used * 100)} %`;
  const of = limit === undefined ? '' : ` of ${limit.toLocaleString('en-US')}`;
  return `${remaining!.toLocaleString('en-US')}${of} left`;
}

/** What was heard before the limit was reset says when that was. */
function ending({ resetsAtMs, seenAtMs }: Limit, nowMs: number): string {
  if (resetsAtMs === undefined) return ` at ${clock(seenAtMs, nowMs)}`;
  return resetsAtMs > nowMs ? `, resets ${clock(resetsAtMs, nowMs)}` : ` at ${clock(seenAtMs, nowMs)}, reset since`;
}

/** `15:40 UTC`; with the date where that is a day or more away. */
function clock(atMs: number, nowMs: number): string {
  const text = formatTime(atMs);
  return Math.abs(atMs - nowMs) < DAY_MS ? `${text.slice(11, 16)} UTC` : `${text.slice(0, 16)} UTC`;
}
