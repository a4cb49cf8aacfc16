import { EVERYONE } from '../agents/pause-store.ts';
import { raiseCommand } from '../budgets/raise-command.ts';
import { freeMb } from '../gateway/admit/disk-gate.ts';
import type { StatusFacts } from './status-facts.ts';
import { usedUpBudget } from './used-up-budget.ts';

/** What a person types to open a closed gate of the gateway, the agent, its budgets or its policy; undefined for any other gate. */
export function openingCommand(facts: StatusFacts, gate: string): string | undefined {
  const { agentId, standing, nowMs } = facts;
  if (gate === 'gateway') return 'moltbot gateway start';
  if (gate === 'disk')
    return `moltbot config set ledger.minFreeDiskMb ${Math.floor(freeMb(facts.freeDiskBytes ?? 0) / 2)}`;
  if (!standing) return `moltbot agents add ${agentId}`;
  const budget = gate === 'budget' ? usedUpBudget(facts)?.budget : undefined;
  if (budget) return raiseCommand(budget);
  const set = `moltbot agents set ${agentId}`;
  const { agent, pause } = standing;
  if (gate === 'agent' && agent.expiresAtMs !== null && nowMs >= agent.expiresAtMs) return `${set} --expires-in 30d`;
  if (gate === 'agent') return `moltbot resume ${pause?.agentId === EVERYONE ? '--all' : `--agent ${agentId}`}`;
  if (gate.startsWith('provider:')) return `${set} --can ${gate.slice('provider:'.length)}`;
  return gate === 'route' || gate === 'model' ? `${set} --${gate}s any` : undefined;
}
