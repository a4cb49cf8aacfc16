import { MAIN_AGENT } from '../core/ids.ts';
import type { Database } from '../database/database.ts';
import { type Policy, parsePolicy, policyText } from './policy.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Agent {
  readonly id: string;
  readonly createdAtMs: number;
  /** From then on its requests are refused. */
  readonly expiresAtMs: number | null;
  readonly policy: Policy;
  readonly labels: Labels;
}

/** What is said about an agent beside its name. */
export interface AgentTerms {
  readonly expiresAtMs?: number | null | undefined;
  readonly policy?: Policy | undefined;
  readonly labels?: Labels | undefined;
}

interface AgentRow {
  readonly id: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly policy: string | null;
  readonly labels: string | null;
}

const SELECT = `SELECT id, created_at_ms AS createdAtMs, expires_at_ms AS expiresAtMs, policy, labels FROM agents`;

/** Agents: who work is done for. `main` exists from the start and stays. */
export class AgentStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  list(): Agent[] {
    return this.#database.all<AgentRow>(`${SELECT} ORDER BY id <> ?, id`, MAIN_AGENT).map(toAgent);
  }

  get(id: string): Agent | undefined {
    const row = this.#database.get<AgentRow>(`${SELECT} WHERE id = ?`, id);
    return row && toAgent(row);
  }

  has(id: string): boolean {
    return this.#database.get('SELECT 1 FROM agents WHERE id = ?', id) !== undefined;
  }

  /** True when the agent is new. */
  add(id: string, nowMs: number, { expiresAtMs = null, policy, labels }: AgentTerms = {}): boolean {
    return (
      this.#database.run(
        'INSERT OR IGNORE INTO agents (id, created_at_ms, expires_at_ms, policy, labels) VALUES (?, ?, ?, ?, ?)',
        id,
        nowMs,
        expiresAtMs,
        policyText(policy),
        labels ? JSON.stringify(labels) : null,
      ) === 1
    );
  }

  /** Puts new terms in place of those that are named; the others stay. */
  change(id: string, terms: AgentTerms): boolean {
    const agent = this.get(id);
    if (!agent) return false;
    const { expiresAtMs = agent.expiresAtMs, policy = agent.policy, labels = agent.labels } = terms;
    this.#database.run(
      'UPDATE agents SET expires_at_ms = ?, policy = ?, labels = ? WHERE id = ?',
      expiresAtMs,
      policyText(policy),
      JSON.stringify(labels),
      id,
    );
    return true;
  }

  /**
   * Ends the agent with its tokens, keys, pauses, grants, sessions and remembered ids in one transaction. Its profiles
   * must be gone before (their secrets are in the vault); health records go here.
   */
  remove(id: string): boolean {
    return this.#database.transaction(() => {
      this.#database.run('DELETE FROM health WHERE agent_id = ?', id);
      this.#database.run('DELETE FROM pauses WHERE agent_id = ?', id);
      this.#database.run('DELETE FROM enrollments WHERE name = ?', id);
      return this.#database.run('DELETE FROM agents WHERE id = ?', id) === 1;
    });
  }
}

function toAgent({ policy, labels, ...row }: AgentRow): Agent {
  return { ...row, policy: parsePolicy(policy), labels: labels === null ? {} : (JSON.parse(labels) as Labels) };
}
