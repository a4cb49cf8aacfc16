import { DAY_MS, HOUR_MS, SECOND_MS } from '../core/time.ts';
import { headerText, type ResponseHeaders } from '../providers/upstream-error.ts';
import { decimal, httpDate, resetDuration, rfc3339 } from './header-values.ts';

const LONGEST_MS = HOUR_MS;
/** The longest subscription window is a week. A reset further away than this is a unit mix-up or a lie: not believed. */
export const LONGEST_UNIFIED_MS = 31 * DAY_MS;

const ANTHROPIC_BUCKETS = ['requests', 'tokens', 'input-tokens', 'output-tokens'];
const OPENAI_BUCKETS = ['requests', 'tokens'];

/**
 * When the provider says it will serve again, epoch ms: `retry-after-ms`, `retry-after`, the unified (subscription)
 * reset when its status is `rejected`, else the latest reset of a bucket whose `remaining` is 0. At least 1 s from now.
 * At most 1 h, except that a rejected unified reset is honoured in full (and a `retry-after` beside it up to there).
 * Undefined: the provider names no time, or none that can be read.
 */
export function providerTime(headers: ResponseHeaders, nowMs: number): number | undefined {
  const unified = unifiedResetMs(headers, nowMs);
  const named = retryAfterAtMs(headers, nowMs) ?? unified ?? bucketResetMs(headers, nowMs);
  if (named === undefined) return undefined;
  const latest = Math.max(nowMs + LONGEST_MS, unified ?? 0);
  return Math.max(nowMs + SECOND_MS, Math.min(named, latest));
}

/** `retry-after-ms`, else `retry-after` in seconds or as a date corrected by the answer's own `date`. Not capped. */
export function retryAfterAtMs(headers: ResponseHeaders, nowMs: number): number | undefined {
  const ms = decimal(headerText(headers, 'retry-after-ms'));
  if (ms !== undefined) return Math.round(nowMs + ms);
  const value = headerText(headers, 'retry-after');
  const seconds = decimal(value);
  if (seconds !== undefined) return Math.round(nowMs + seconds * SECOND_MS);
  const date = httpDate(value);
  // The distance between the provider's two clocks readings is right even when our clock is wrong.
  return date === undefined ? undefined : nowMs + date - (httpDate(headerText(headers, 'date')) ?? nowMs);
}

/** Whether a subscription's window is used up: then the whole profile is, whatever the model. */
export function isUnifiedRejected(headers: ResponseHeaders): boolean {
  return headerText(headers, 'anthropic-ratelimit-unified-status') === 'rejected';
}

/** Whether the answer names any time at all. A subscription's 429 without one is about the client, not the limit. */
export function hasResetHeaders(headers: ResponseHeaders): boolean {
  return Object.keys(headers).some((name) =>
    /^retry-after(-ms)?$|^anthropic-ratelimit-.*reset$|^x-ratelimit-reset-/.test(name),
  );
}

function unifiedResetMs(headers: ResponseHeaders, nowMs: number): number | undefined {
  if (!isUnifiedRejected(headers)) return undefined;
  const seconds = decimal(headerText(headers, 'anthropic-ratelimit-unified-reset'));
  const atMs = seconds === undefined ? undefined : Math.round(seconds * SECOND_MS);
  return atMs !== undefined && atMs <= nowMs + LONGEST_UNIFIED_MS ? atMs : undefined;
}

function bucketResetMs(headers: ResponseHeaders, nowMs: number): number | undefined {
  const resets = [...anthropicResets(headers), ...openaiResets(headers, nowMs)].filter((at) => at !== undefined);
  return resets.length === 0 ? undefined : Math.max(...resets);
}

function anthropicResets(headers: ResponseHeaders): (number | undefined)[] {
  return ANTHROPIC_BUCKETS.filter((bucket) => isUsedUp(headers, `anthropic-ratelimit-${bucket}-remaining`)).map(
    (bucket) => rfc3339(headerText(headers, `anthropic-ratelimit-${bucket}-reset`)),
  );
}

function openaiResets(headers: ResponseHeaders, nowMs: number): (number | undefined)[] {
  return OPENAI_BUCKETS.filter((bucket) => isUsedUp(headers, `x-ratelimit-remaining-${bucket}`)).map((bucket) => {
    const ms = resetDuration(headerText(headers, `x-ratelimit-reset-${bucket}`));
    return ms === undefined ? undefined : Math.round(nowMs + ms);
  });
}

function isUsedUp(headers: ResponseHeaders, name: string): boolean {
  return decimal(headerText(headers, name)) === 0;
}
