import type { CredentialType } from '../providers/provider.ts';
import { durationText } from './resets.ts';
import type { Family } from './script-schema.ts';

const MARK = ['x-moltbot-simulated', '1'];

/** Headers of every answer of a provider; with `limits` also how much of its limits is left. */
export function standardHeaders(
  family: Family,
  requestId: string,
  type: CredentialType,
  limits: boolean,
  nowMs: number,
): readonly string[] {
  if (family !== 'anthropic') {
    const own = family === 'openai' ? OPENAI : [];
    return [...MARK, 'x-request-id', requestId, ...own, ...(limits ? OPENAI_LIMITS : [])];
  }
  const left = type === 'token' ? unifiedLimits(nowMs) : anthropicLimits(nowMs);
  return [...MARK, 'request-id', requestId, 'anthropic-organization-id', 'org_simulated', ...(limits ? left : [])];
}

const OPENAI = [
  ...['openai-organization', 'org-simulated', 'openai-processing-ms', '12', 'openai-version', '2020-10-01'],
];

const OPENAI_LIMITS = [
  ...['x-ratelimit-limit-requests', '5000', 'x-ratelimit-remaining-requests', '4999'],
  ...['x-ratelimit-reset-requests', durationText(0.012), 'x-ratelimit-limit-tokens', '4000000'],
  ...['x-ratelimit-remaining-tokens', '3999900', 'x-ratelimit-reset-tokens', durationText(0.006)],
];

let cachedSecond = -1;
let cachedLimits: string[] = [];

/** Made once a second: the times are whole seconds, and benchmarks ask thousands of times. */
function anthropicLimits(nowMs: number): string[] {
  const second = Math.floor(nowMs / 1000);
  if (second === cachedSecond) return cachedLimits;
  cachedSecond = second;
  const reset = `${new Date((second + 60) * 1000).toISOString().slice(0, 19)}Z`;
  const limits: [string, string, string][] = [
    ['requests', '4000', '3999'],
    ['tokens', '4400000', '4399000'],
    ['input-tokens', '4000000', '3999000'],
    ['output-tokens', '400000', '399000'],
  ];
  cachedLimits = limits.flatMap(([kind, limit, remaining]) => {
    const prefix = `anthropic-ratelimit-${kind}`;
    return [`${prefix}-limit`, limit, `${prefix}-remaining`, remaining, `${prefix}-reset`, reset];
  });
  return cachedLimits;
}

function unifiedLimits(nowMs: number): string[] {
  const fiveHours = String(Math.floor(nowMs / 1000) + 5 * 3600);
  const sevenDays = String(Math.floor(nowMs / 1000) + 7 * 86_400);
  const prefix = 'anthropic-ratelimit-unified';
  return [
    ...[`${prefix}-status`, 'allowed', `${prefix}-reset`, fiveHours, `${prefix}-representative-claim`, 'five_hour'],
    ...[`${prefix}-5h-reset`, fiveHours, `${prefix}-5h-utilization`, '0.12'],
    ...[`${prefix}-7d-reset`, sevenDays, `${prefix}-7d-utilization`, '0.03', `${prefix}-fallback`, 'false'],
  ];
}
