import type { Policy } from '../../agents/policy.ts';
import { formatTime } from '../../core/time.ts';
import type { AgentOverview } from '../../status/agent-overview.ts';

/** A policy in a few words: `anthropic, xai; 20 a minute`; `everything` for none. */
export function policyText({ providers, models, routes, requestsPerMinute, concurrency }: Policy): string {
  const parts = [
    ...(providers ? [listText(providers)] : []),
    ...(models ? [`models ${listText(models)}`] : []),
    ...(routes ? [`routes ${listText(routes)}`] : []),
    ...(requestsPerMinute === undefined ? [] : [`${requestsPerMinute} a minute`]),
    ...(concurrency === undefined ? [] : [`${concurrency} at a time`]),
  ];
  return parts.length === 0 ? 'everything' : parts.join('; ');
}

/** Active, or why not; and until when. */
export function stateText({ state, pause, expiresAt }: Pick<AgentOverview, 'state' | 'pause' | 'expiresAt'>): string {
  if (state === 'paused' && pause?.cause === 'budget') return `paused (budget ${pause.budget})`;
  if (state === 'paused' && pause?.cause === 'provider_spend_limit')
    return `paused: ${pause.cause} (${pause.provider})`;
  if (state === 'paused') return pause?.reason ? `paused: ${pause.reason}` : 'paused';
  if (expiresAt === null) return state;
  return state === 'expired' ? `ended ${formatTime(expiresAt)}` : `until ${formatTime(expiresAt)}`;
}

function listText(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ');
}
