import type { Labels } from '../agents/agent-store.ts';
import { EVERYONE, type Pause } from '../agents/pause-store.ts';
import type { Policy } from '../agents/policy.ts';
import type { Stores } from '../app.ts';
import { MAIN_AGENT } from '../core/ids.ts';

/** An agent as lists show it: terms, state, what it has. Times are epoch ms. */
export interface AgentOverview {
  readonly id: string;
  readonly state: 'active' | 'paused' | 'expired';
  /** Why it is paused; its own pause or one of everything. */
  readonly pause: { readonly reason: string; readonly since: number; readonly by: string } | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly policy: Policy;
  readonly labels: Labels;
  readonly profiles: readonly string[];
  readonly liveTokens: number;
}

/** Every agent, `main` first. Asks each table once: there may be hundreds of agents with thousands of tokens. */
export function agentOverviews(stores: Stores, nowMs: number): AgentOverview[] {
  const live = stores.tokens.liveByAgent(nowMs);
  const profiles = Map.groupBy(stores.profiles.list(), ({ agentId }) => agentId);
  const pauses = stores.pauses.list();
  return stores.agents.list().map((agent) => {
    const pause =
      pauses.find(({ agentId }) => agentId === agent.id) ?? pauses.find(({ agentId }) => agentId === EVERYONE);
    return {
      id: agent.id,
      state: stateOf(agent.expiresAtMs, pause, nowMs),
      pause: pause ? { reason: pause.reason, since: pause.sinceMs, by: pause.by } : null,
      createdAt: agent.createdAtMs,
      expiresAt: agent.expiresAtMs,
      policy: agent.policy,
      labels: agent.labels,
      profiles: (profiles.get(agent.id) ?? []).map(({ profileId }) => profileId),
      liveTokens: live.get(agent.id) ?? 0,
    };
  });
}

/** As lists on the gateway host show it: `main` is there before there is any state to say since when. */
export type KnownAgent = Omit<AgentOverview, 'createdAt'> & { readonly createdAt: number | null };

export function knownAgents(stores: Stores | undefined, nowMs: number): KnownAgent[] {
  if (stores) return agentOverviews(stores, nowMs);
  const nothing = {
    pause: null,
    createdAt: null,
    expiresAt: null,
    policy: {},
    labels: {},
    profiles: [],
    liveTokens: 0,
  };
  return [{ id: MAIN_AGENT, state: 'active', ...nothing }];
}

function stateOf(expiresAtMs: number | null, pause: Pause | undefined, nowMs: number): AgentOverview['state'] {
  if (expiresAtMs !== null && nowMs >= expiresAtMs) return 'expired';
  return pause ? 'paused' : 'active';
}
