import { EVERYONE } from '../agents/pause-store.ts';
import type { StatusFacts } from './status-facts.ts';

/** What a person types to open a closed gate of the gateway, the agent or its policy; undefined for any other gate. */
export function openingCommand({ agentId, standing, nowMs }: StatusFacts, gate: string): string | undefined {
  if (gate === 'gateway') return 'moltbot gateway start';
  if (!standing) return `moltbot agents add ${agentId}`;
  const set = `moltbot agents set ${agentId}`;
  const { agent, pause } = standing;
  if (gate === 'agent' && agent.expiresAtMs !== null && nowMs >= agent.expiresAtMs) return `${set} --expires-in 30d`;
  if (gate === 'agent') return `moltbot resume ${pause?.agentId === EVERYONE ? '--all' : `--agent ${agentId}`}`;
  if (gate.startsWith('provider:')) return `${set} --can ${gate.slice('provider:'.length)}`;
  return gate === 'route' || gate === 'model' ? `${set} --${gate}s any` : undefined;
}
