import type { Policy } from '../../src/agents/policy.ts';

/** What is asked in one request of the model test. */
export interface Asked {
  readonly provider: 'anthropic' | 'xai';
  readonly model: string;
  readonly route: 'generate' | 'count';
}

export interface ModelAgent {
  expiresAtMs: number | null;
  policy: Policy;
  readonly hasProfiles: boolean;
}

export interface ModelToken {
  readonly text: string;
  readonly accessor: string;
  readonly agentId: string;
  readonly providers: readonly string[] | undefined;
  readonly policy: Policy;
  readonly renewUntilMs: number | null;
  usesLeft: number | null;
  expiresAtMs: number;
  revoked: boolean;
  refused: boolean;
}

/** `429 LIMIT_REACHED`, or `200`. */
export type Verdict = string;

/**
 * The state of agents and tokens as a person would keep it on paper, and what the gateway must answer. Small on purpose:
 * it shares no code with what it judges.
 */
export class AgentsModel {
  readonly agents = new Map<string, ModelAgent>();
  readonly tokens: ModelToken[] = [];
  readonly paused = new Set<string>();
  /** Requests that must have reached a provider. */
  calls = 0;
  nowMs: number;
  #minutes = new Map<string, number[]>();
  #failures = { count: 0, sinceMs: Number.POSITIVE_INFINITY };

  constructor(nowMs: number) {
    this.nowMs = nowMs;
    this.agents.set('main', { expiresAtMs: null, policy: {}, hasProfiles: true });
  }

  remove(agentId: string): void {
    this.agents.delete(agentId);
    this.paused.delete(agentId);
    for (const [at, token] of [...this.tokens.entries()].reverse())
      if (token.agentId === agentId) this.tokens.splice(at, 1);
  }

  /** What was counted in memory begins anew. */
  restart(): void {
    this.#minutes = new Map();
    this.#failures = { count: 0, sinceMs: Number.POSITIVE_INFINITY };
  }

  answer(text: string, asked: Asked): Verdict {
    const token = this.tokens.find((each) => each.text === text);
    const login = this.login(token);
    if (login) return login;
    const { agentId } = token!;
    const agent = this.agents.get(agentId)!;
    if (agent.expiresAtMs !== null && this.nowMs >= agent.expiresAtMs) return '403 AGENT_EXPIRED';
    if (this.isPaused(agentId)) return asked.provider === 'anthropic' ? '402 AGENT_PAUSED' : '429 AGENT_PAUSED';
    const policies = [agent.policy, token!.providers ? { providers: token!.providers } : {}, token!.policy] as Policy[];
    const closed = policies.map((policy) => byTheWay(policy, asked)).find(Boolean);
    if (closed) return closed;
    if (policies.some(({ models }) => models && !allows(models, asked))) return '403 MODEL_NOT_ALLOWED';
    if (asked.route !== 'count' && !this.#hasRoom(token!, agent)) return '429 LIMIT_REACHED';
    if (token!.usesLeft === 0) return '401 TOKEN_USED_UP';
    if (token!.usesLeft !== null) token!.usesLeft -= 1;
    if (asked.route !== 'count') this.#count(token!, agent);
    if (!agent.hasProfiles) return '401 NO_CREDENTIALS';
    this.calls += 1;
    return '200';
  }

  /** Why a token is not let in at all; undefined: it is. */
  login(token: ModelToken | undefined): Verdict | undefined {
    if (token && !token.revoked && !token.refused && this.nowMs < token.expiresAtMs) return undefined;
    const failure = !token ? 'TOKEN_REJECTED' : token.revoked ? 'TOKEN_REVOKED' : 'TOKEN_EXPIRED';
    if (failure === 'TOKEN_EXPIRED') token!.refused = true;
    return this.#isGuessing() ? '429 THROTTLED' : `401 ${failure}`;
  }

  isPaused(agentId: string): boolean {
    return this.paused.has(agentId) || this.paused.has('*');
  }

  /** More than fifty wrong tokens in ten seconds. */
  #isGuessing(): boolean {
    const { sinceMs } = this.#failures;
    const isOld = this.nowMs - sinceMs >= 10_000 || this.nowMs < sinceMs;
    if (isOld) this.#failures = { count: 0, sinceMs: this.nowMs };
    this.#failures.count += 1;
    return this.#failures.count > 50;
  }

  #hasRoom(token: ModelToken, agent: ModelAgent): boolean {
    return [
      [token.agentId, agent.policy],
      [token.accessor, token.policy],
    ].every(([key, policy]) => {
      const most = (policy as Policy).requestsPerMinute ?? Number.POSITIVE_INFINITY;
      const recent = (this.#minutes.get(key as string) ?? []).filter((atMs) => this.nowMs - atMs < 60_000);
      return recent.length < most;
    });
  }

  #count(token: ModelToken, agent: ModelAgent): void {
    if (agent.policy.requestsPerMinute) this.#note(token.agentId);
    if (token.policy.requestsPerMinute) this.#note(token.accessor);
  }

  #note(key: string): void {
    this.#minutes.set(key, [...(this.#minutes.get(key) ?? []), this.nowMs]);
  }
}

function byTheWay({ providers, routes }: Policy, { provider, route }: Asked): Verdict | undefined {
  if (providers && !providers.includes(provider)) return '403 PROVIDER_NOT_ALLOWED';
  return routes && !routes.includes(route) ? '403 ROUTE_NOT_ALLOWED' : undefined;
}

function allows(models: readonly string[], { provider, model }: Asked): boolean {
  return models.includes(`${provider}/*`) || models.includes(`${provider}/${model}`);
}
