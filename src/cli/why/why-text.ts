import { formatDuration, formatTime } from '../../core/time.ts';
import { unusableText } from '../profiles-text.ts';
import type { AgentWhy, Stop } from './agent-why.ts';

/** The command has a line of its own. */
const REMEDY = / (?:Open|Start|Add) it with: .*$/;

/** Why an agent is stuck or not, in a few lines, the last of which says what to type. */
export function whyText(why: AgentWhy, nowMs: number): string {
  const lines = why.gate ? stuck(why, why.gate, nowMs) : usable(why);
  return [...lines, `Type: ${why.command}`].join('\n');
}

function usable(why: AgentWhy): string[] {
  return [
    `Agent "${why.agentId}" can work: no closed gate stops its next request.`,
    ...(why.cause ? [`But its last request went wrong: ${why.cause.sentence}`] : []),
    ...(why.unusableProfiles.length > 0 ? [unusableText(why)] : []),
  ];
}

function stuck({ agentId, stopping, cause, nextAt }: AgentWhy, gate: Stop['gate'], nowMs: number): string[] {
  const others = stopping.filter((name) => name !== gate.name);
  return [
    `Agent "${agentId}" is stuck at the gate ${gate.name}: ${gate.why.replace(REMEDY, '')}`,
    ...(cause ? [`Last cause: ${cause.sentence}`] : []),
    ...(others.length > 0 ? [`Closed, too: ${others.join(', ')}.`] : []),
    nextAt === null
      ? 'It does not end by itself.'
      : `It may work again in ${formatDuration(nextAt - nowMs)}, at ${formatTime(nextAt)}.`,
  ];
}
