import type { Database } from '../database/database.ts';

/** A profile that one agent has lent to another, by reference: secret, health and cooldowns stay its owner's. */
export interface Grant {
  readonly ownerAgentId: string;
  /** As its owner names it: `anthropic:work`. */
  readonly profileId: string;
  /** Who may use it. */
  readonly agentId: string;
  /** Canonical model ids of the profile's provider (`claude-haiku-4-5`); null: every model. */
  readonly models: readonly string[] | null;
  readonly requestsPerMinute: number | null;
  readonly createdAtMs: number;
  /** An actor of the audit. */
  readonly createdBy: string;
}

type GrantRow = Omit<Grant, 'models'> & { readonly models: string | null };

const SELECT = `SELECT owner_agent_id AS ownerAgentId, profile_id AS profileId, agent_id AS agentId, models,
  requests_per_minute AS requestsPerMinute, created_at_ms AS createdAtMs, created_by AS createdBy FROM grants`;

/** Who may use whose profiles. A row goes with the profile and with either agent. */
export class GrantStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  list(): Grant[] {
    return this.#database.all<GrantRow>(`${SELECT} ORDER BY owner_agent_id, profile_id, agent_id`).map(toGrant);
  }

  /** What an agent was lent. */
  to(agentId: string): Grant[] {
    return this.#database
      .all<GrantRow>(`${SELECT} WHERE agent_id = ? ORDER BY owner_agent_id, profile_id`, agentId)
      .map(toGrant);
  }

  /** What an agent has lent. */
  by(ownerAgentId: string): Grant[] {
    return this.#database
      .all<GrantRow>(`${SELECT} WHERE owner_agent_id = ? ORDER BY profile_id, agent_id`, ownerAgentId)
      .map(toGrant);
  }

  /** To whom one profile was lent. */
  ofProfile(ownerAgentId: string, profileId: string): Grant[] {
    return this.#database
      .all<GrantRow>(`${SELECT} WHERE owner_agent_id = ? AND profile_id = ? ORDER BY agent_id`, ownerAgentId, profileId)
      .map(toGrant);
  }

  get(ownerAgentId: string, profileId: string, agentId: string): Grant | undefined {
    const row = this.#database.get<GrantRow>(
      `${SELECT} WHERE owner_agent_id = ? AND profile_id = ? AND agent_id = ?`,
      ownerAgentId,
      profileId,
      agentId,
    );
    return row && toGrant(row);
  }

  /** Lends, or puts new limits in place of the old ones. */
  put(grant: Grant): void {
    this.#database.run(
      `INSERT OR REPLACE INTO grants (owner_agent_id, profile_id, agent_id, models, requests_per_minute, created_at_ms,
         created_by) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      grant.ownerAgentId,
      grant.profileId,
      grant.agentId,
      grant.models && JSON.stringify(grant.models),
      grant.requestsPerMinute,
      grant.createdAtMs,
      grant.createdBy,
    );
  }

  delete(ownerAgentId: string, profileId: string, agentId: string): boolean {
    return (
      this.#database.run(
        'DELETE FROM grants WHERE owner_agent_id = ? AND profile_id = ? AND agent_id = ?',
        ownerAgentId,
        profileId,
        agentId,
      ) === 1
    );
  }
}

function toGrant({ models, ...row }: GrantRow): Grant {
  return { ...row, models: models === null ? null : (JSON.parse(models) as string[]) };
}
