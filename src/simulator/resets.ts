import type { Reset } from './script-schema.ts';

/** The headers by which a 429 says when it is over, as a flat list; `nowMs` is the time of the answer. */
export function resetHeaders(resets: readonly Reset[], nowMs: number): string[] {
  return resets.flatMap((reset) => headersOf(reset, nowMs));
}

function headersOf({ style, seconds }: Reset, nowMs: number): string[] {
  const at = new Date(nowMs + seconds * 1000);
  switch (style) {
    case 'retry-after':
      return ['retry-after', String(Math.ceil(seconds))];
    case 'retry-after-date':
      return ['retry-after', at.toUTCString()];
    case 'retry-after-ms':
      return ['retry-after-ms', String(Math.round(seconds * 1000))];
    case 'anthropic-requests':
    case 'anthropic-tokens':
      return usedUp(`anthropic-ratelimit-${style.slice(10)}`, at.toISOString());
    case 'unified-five-hour':
      return unified('five_hour', '5h', at);
    case 'unified-seven-day':
      return unified('seven_day', '7d', at);
    case 'openai-requests':
    case 'openai-tokens':
      return openaiUsedUp(style.slice(7), durationText(seconds));
    case 'none':
      return [];
  }
}

function usedUp(prefix: string, reset: string): string[] {
  return [`${prefix}-limit`, '4000', `${prefix}-remaining`, '0', `${prefix}-reset`, reset];
}

/** A subscription's headers: the reset is in epoch seconds. */
function unified(claim: string, window: string, at: Date): string[] {
  const reset = String(Math.floor(at.getTime() / 1000));
  const prefix = 'anthropic-ratelimit-unified';
  return [
    ...[`${prefix}-status`, 'rejected', `${prefix}-reset`, reset, `${prefix}-representative-claim`, claim],
    ...[`${prefix}-${window}-reset`, reset, `${prefix}-${window}-utilization`, '1.0', `${prefix}-fallback`, 'false'],
  ];
}

function openaiUsedUp(kind: string, reset: string): string[] {
  return [
    ...[`x-ratelimit-limit-${kind}`, '500', `x-ratelimit-remaining-${kind}`, '0'],
    ...[`x-ratelimit-reset-${kind}`, reset],
  ];
}

/** OpenAI writes durations as `6ms`, `12s`, `1m30s`, `1h0m0s`. */
export function durationText(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)}ms`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = `${Number((seconds % 60).toFixed(3))}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
