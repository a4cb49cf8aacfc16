import { SECOND_MS } from '../core/time.ts';
import { decimal, resetDuration, rfc3339 } from './header-values.ts';
import { LONGEST_UNIFIED_MS } from './provider-time.ts';

/** One limit of a profile, as the headers of an answer tell it. Times are epoch ms. */
export interface Limit {
  /** A subscription's window, `5h` or `7d`; a bucket, `requests`, `tokens`, `input-tokens`. */
  readonly name: string;
  /** The share of a subscription's window that is used: 0.73; above 1 where more was let through. */
  readonly used?: number;
  /** Of `limit`, how many are left. */
  readonly remaining?: number;
  readonly limit?: number;
  readonly resetsAtMs?: number;
  readonly seenAtMs: number;
}

/** `anthropic-ratelimit-input-tokens-remaining`, `anthropic-ratelimit-unified-5h-utilization` (a reset in epoch seconds). */
const ANTHROPIC = /^anthropic-ratelimit-(unified-)?([a-z0-9_-]{1,30})-(utilization|limit|remaining|reset)$/;
/** `x-ratelimit-remaining-tokens` of OpenAI and xAI (a reset as a duration). */
const OPENAI = /^x-ratelimit-(limit|remaining|reset)-([a-z0-9_-]{1,30})$/;
/** No provider has more. */
const MOST_LIMITS = 12;

type Field = 'utilization' | 'limit' | 'remaining' | 'reset';

/** What the headers of one limit say. */
interface Heard {
  /** Of a subscription's window: its reset is in epoch seconds. */
  readonly isUnified: boolean;
  readonly values: Partial<Record<Field, string>>;
}

/** The limits that an answer's headers tell (name, value, name, value …), by name. What cannot be read is left out. */
export function limitsIn(rawHeaders: readonly string[], nowMs: number): Limit[] {
  const found = new Map<string, Heard>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const part = isLimit(rawHeaders[at]!) ? partOf(rawHeaders[at]!.toLowerCase()) : undefined;
    if (!part) continue;
    const heard = found.get(part.name) ?? { isUnified: part.isUnified, values: {} };
    heard.values[part.field] ??= rawHeaders[at + 1]!;
    found.set(part.name, heard);
  }
  const limits = [...found].flatMap(([name, heard]) => limitOf(name, heard, nowMs) ?? []);
  return limits.slice(0, MOST_LIMITS).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Most headers are told apart by their first letter. */
function isLimit(name: string): boolean {
  return /^(a|x)/i.test(name) && /^(anthropic|x)-ratelimit-/i.test(name);
}

function partOf(header: string): { name: string; field: Field; isUnified: boolean } | undefined {
  const [, unified, bucket, field] = ANTHROPIC.exec(header) ?? [];
  if (bucket) return { name: bucket, field: field as Field, isUnified: unified !== undefined };
  const [, ownField, ownBucket] = OPENAI.exec(header) ?? [];
  return ownBucket ? { name: ownBucket, field: ownField as Field, isUnified: false } : undefined;
}

/** Undefined where nothing says how much is used or left. */
function limitOf(name: string, heard: Heard, nowMs: number): Limit | undefined {
  const { values } = heard;
  const [used, remaining, limit] = [decimal(values.utilization), count(values.remaining), count(values.limit)];
  if (used === undefined && remaining === undefined) return undefined;
  const resetsAtMs = resetOf(heard, nowMs);
  return {
    name,
    ...(used !== undefined && { used }),
    ...(remaining !== undefined && { remaining }),
    ...(limit !== undefined && { limit }),
    ...(resetsAtMs !== undefined && { resetsAtMs }),
    seenAtMs: nowMs,
  };
}

function count(text: string | undefined): number | undefined {
  const value = decimal(text);
  return value === undefined ? undefined : Math.floor(value);
}

/** A reset further away than any window lasts is a unit mix-up or a lie: not believed. */
function resetOf({ isUnified, values: { reset } }: Heard, nowMs: number): number | undefined {
  const atMs = isUnified ? seconds(reset) : (rfc3339(reset) ?? after(reset, nowMs));
  return atMs !== undefined && atMs <= nowMs + LONGEST_UNIFIED_MS ? Math.round(atMs) : undefined;
}

function seconds(text: string | undefined): number | undefined {
  const value = decimal(text);
  return value === undefined ? undefined : value * SECOND_MS;
}

function after(text: string | undefined, nowMs: number): number | undefined {
  const ms = resetDuration(text);
  return ms === undefined ? undefined : nowMs + ms;
}
