import { formatTime } from '../core/time.ts';
import type { SpendLimitPause } from './agent-pause.ts';

/** `Paused (provider_spend_limit) since …`: why, what happens by itself, and what a person types. */
export function spendLimitText({ cause, since, reason, nextTestAt }: SpendLimitPause, agentId: string): string {
  const next =
    nextTestAt === null
      ? 'No gateway runs that would test it.'
      : `The gateway tests it again at ${formatTime(nextTestAt)}.`;
  return `Paused (${cause}) since ${formatTime(since)}. ${reason} ${next} Add credit or raise the limit at the provider. Open it with: ${resumeCommand(agentId)}`;
}

/** Has it tested at once. */
export function resumeCommand(agentId: string): string {
  return `moltbot resume --agent ${agentId}`;
}
