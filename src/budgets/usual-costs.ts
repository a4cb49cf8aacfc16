import { normalizeModel } from '../catalog/models.ts';
import type { Database } from '../database/database.ts';
import { Habit, type Taken } from './habit.ts';
import { TOKEN_COLUMNS } from './spent.ts';

interface Past extends Taken {
  readonly provider: string;
  readonly model: string;
}

/** Of how many of its newest requests an agent's habits are read when it is first asked for. */
const ROWS_READ = 5_000;

/** What requests of an agent for a model usually take: the 95th percentile of its own newest ones. */
export class UsualCosts {
  readonly #database: Database;
  /** Agent → `provider/model`. */
  readonly #habits = new Map<string, Map<string, Habit>>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Undefined while there are too few requests to speak of a habit. */
  of(agentId: string, provider: string, model: string): Taken | undefined {
    return this.#of(agentId).get(`${provider}/${model}`)?.usual;
  }

  /** `model`: canonical. */
  note(agentId: string, provider: string, model: string, taken: Taken): void {
    if (this.#habits.has(agentId)) keep(this.#of(agentId), { ...taken, provider, model });
  }

  #of(agentId: string): Map<string, Habit> {
    let known = this.#habits.get(agentId);
    if (!known) {
      known = new Map();
      for (const past of this.#read(agentId).reverse()) keep(known, past);
      this.#habits.set(agentId, known);
    }
    return known;
  }

  /** Newest first. Requests of subscriptions cost nothing more and say nothing of what others do. */
  #read(agentId: string): Past[] {
    return this.#database
      .all<Past>(
        `SELECT provider, coalesce(model_served, '') AS model, cost_nano_usd AS nanoUsd, ${TOKEN_COLUMNS.join(' + ')} AS tokens
         FROM (SELECT * FROM ledger WHERE agent_id = ? ORDER BY admitted_at_ms DESC LIMIT ${ROWS_READ})
         WHERE usage_state IS NOT NULL AND cost_nano_usd IS NOT NULL AND is_subscription = 0`,
        agentId,
      )
      .map((past) => ({ ...past, model: normalizeModel(past.provider, past.model) }));
  }
}

function keep(known: Map<string, Habit>, { provider, model, nanoUsd, tokens }: Past): void {
  const key = `${provider}/${model}`;
  const habit = known.get(key) ?? new Habit();
  known.set(key, habit);
  habit.add({ nanoUsd, tokens });
}
