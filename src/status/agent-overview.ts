import type { Labels } from '../agents/agent-store.ts';
import { EVERYONE } from '../agents/pause-store.ts';
import type { Policy } from '../agents/policy.ts';
import type { App, Stores } from '../app.ts';
import { type BudgetState, budgetStates } from '../budgets/budget-state.ts';
import { modelsOf } from '../config/agent-view.ts';
import { MAIN_AGENT } from '../core/ids.ts';
import { isClosed } from '../rotation/window.ts';
import { type AgentPause, type BudgetPause, budgetPause, personsPause, spendLimitPauses } from './agent-pause.ts';
import { statusFacts } from './status-facts.ts';
import { usedUpBudget, usedUpFor } from './used-up-budget.ts';

/** An agent as lists show it: terms, state, what it has. Times are epoch ms. */
export interface AgentOverview {
  readonly id: string;
  readonly state: 'active' | 'paused' | 'expired';
  /** Why it is paused; a person's pause before any other. */
  readonly pause: AgentPause | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly policy: Policy;
  readonly labels: Labels;
  readonly profiles: readonly string[];
  readonly liveTokens: number;
}

/** Every agent, `main` first. Asks each table once: there may be hundreds of agents with thousands of tokens. */
export function agentOverviews(app: App, stores: Stores): AgentOverview[] {
  const nowMs = app.now();
  const live = stores.tokens.liveByAgent(nowMs);
  const profiles = Map.groupBy(stores.profiles.list(), ({ agentId }) => agentId);
  const pauses = stores.pauses.list();
  const unpaid = unpaidAgents(stores, nowMs);
  const { config } = app.config();
  const usedUp = budgetStates(stores.database, config, nowMs).filter(({ isUsedUp }) => isUsedUp);
  return stores.agents.list().map((agent) => {
    const own = pauses.find(({ agentId }) => agentId === agent.id);
    const pause =
      personsPause(own ?? pauses.find(({ agentId }) => agentId === EVERYONE)) ??
      budgetPause(usedUpOf(app, agent.id, usedUp), config) ??
      (unpaid.has(agent.id) ? (spendLimitPauses(statusFacts(app, agent.id))[0] ?? null) : null);
    return {
      id: agent.id,
      state: stateOf(agent.expiresAtMs, pause, nowMs),
      pause,
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

export function knownAgents(app: App): KnownAgent[] {
  const stores = app.storesForReading();
  if (stores) return agentOverviews(app, stores);
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

/** Which of these budgets stops its next request; what that goes out with is looked up only for budgets of profiles. */
function usedUpOf(app: App, agentId: string, usedUp: readonly BudgetState[]): BudgetState | undefined {
  if (usedUp.some(({ budget }) => budget.scope.profileId !== undefined)) return usedUpBudget(statusFacts(app, agentId));
  return usedUpFor(usedUp, { agentId, model: modelsOf(app.config().config, agentId).primary });
}

/** The budgets that keep this agent paused, or any with `*`: each once. */
export function pausingBudgets(app: App, stores: Stores, agentId: string): BudgetPause[] {
  const pauses = agentOverviews(app, stores)
    .filter(({ id }) => agentId === EVERYONE || id === agentId)
    .flatMap(({ pause }) => (pause?.cause === 'budget' ? [pause] : []));
  return [...new Map(pauses.map((pause) => [pause.budget, pause])).values()];
}

/** Those that a profile without credit serves: the only ones that a spend limit can pause. */
function unpaidAgents({ health, grants }: Stores, nowMs: number): ReadonlySet<string> {
  const unpaid = health.list().filter((state) => state.reason === 'billing' && isClosed(state, nowMs));
  return new Set(
    unpaid.flatMap(({ agentId, profileId }) => [
      agentId,
      ...grants.ofProfile(agentId, profileId).map((grant) => grant.agentId),
    ]),
  );
}

function stateOf(expiresAtMs: number | null, pause: AgentPause | null, nowMs: number): AgentOverview['state'] {
  if (expiresAtMs !== null && nowMs >= expiresAtMs) return 'expired';
  return pause ? 'paused' : 'active';
}
