import type { Agent, AgentStore } from '../../agents/agent-store.ts';
import type { Standing } from '../../agents/decide.ts';
import type { Pause, PauseStore } from '../../agents/pause-store.ts';
import type { AccessToken } from '../../agents/token-store.ts';
import { MoltbotError } from '../../core/errors.ts';

interface Known {
  readonly agent: Agent | undefined;
  readonly pause: Pause | undefined;
}

/** What agents may do and whether they are paused: read once, and anew after somebody else wrote to the database. */
export class Standings {
  readonly #agents: AgentStore;
  readonly #pauses: PauseStore;
  readonly #known = new Map<string, Known>();

  constructor(stores: { readonly agents: AgentStore; readonly pauses: PauseStore }) {
    this.#agents = stores.agents;
    this.#pauses = stores.pauses;
  }

  clear(): void {
    this.#known.clear();
  }

  /** The standing of a token's owner. TOKEN_REVOKED where the agent is gone: its tokens ended with it. */
  of(token: AccessToken): Standing & { readonly token: AccessToken } {
    const { agent, pause } = this.#read(token.agentId);
    if (agent) return { agent, pause, token };
    throw new MoltbotError('TOKEN_REVOKED', `Agent "${token.agentId}" was removed.`, {
      hint: 'Ask the person who runs this gateway for a new token.',
      gate: 'agent',
    });
  }

  pauseOf(agentId: string): Pause | undefined {
    return this.#read(agentId).pause;
  }

  #read(agentId: string): Known {
    let known = this.#known.get(agentId);
    if (!known) {
      known = { agent: this.#agents.get(agentId), pause: this.#pauses.of(agentId) };
      this.#known.set(agentId, known);
    }
    return known;
  }
}
