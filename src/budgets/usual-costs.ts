import { normalizeModel } from '../catalog/models.ts';
import type { Database } from '../database/database.ts';
import { TOKEN_COLUMNS } from './spent.ts';

/** What one answered request took. */
interface Taken {
  readonly nanoUsd: number;
  readonly tokens: number;
}

interface Past extends Taken {
  readonly provider: string;
  readonly model: string;
}

/** Of how many of its newest requests an agent's habits are read when it is first asked for. */
const ROWS_READ = 5_000;
/** How many requests of one model are remembered, and how many it takes to speak of a habit. */
const MOST_KEPT = 200;
const FEWEST_KNOWN = 20;
const USUAL_SHARE = 0.95;

/** What requests of an agent for a model usually take: the 95th percentile of its own newest ones. */
export class UsualCosts {
  readonly #database: Database;
  /** Agent → `provider/model` → newest last. */
  readonly #taken = new Map<string, Map<string, Taken[]>>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Undefined while there are too few requests to speak of a habit. */
  of(agentId: string, provider: string, model: string): Taken | undefined {
    const taken = this.#of(agentId).get(`${provider}/${model}`) ?? [];
    if (taken.length < FEWEST_KNOWN) return undefined;
    return {
      nanoUsd: percentile(taken.map((each) => each.nanoUsd)),
      tokens: percentile(taken.map((each) => each.tokens)),
    };
  }

  /** `model`: canonical. */
  note(agentId: string, provider: string, model: string, taken: Taken): void {
    if (this.#taken.has(agentId)) keep(this.#of(agentId), { ...taken, provider, model });
  }

  #of(agentId: string): Map<string, Taken[]> {
    let known = this.#taken.get(agentId);
    if (!known) {
      known = new Map();
      for (const past of this.#read(agentId).reverse()) keep(known, past);
      this.#taken.set(agentId, known);
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

function keep(known: Map<string, Taken[]>, { provider, model, nanoUsd, tokens }: Past): void {
  const key = `${provider}/${model}`;
  const taken = known.get(key) ?? [];
  known.set(key, taken);
  taken.push({ nanoUsd, tokens });
  if (taken.length > MOST_KEPT) taken.shift();
}

function percentile(figures: number[]): number {
  figures.sort((a, b) => a - b);
  return figures[Math.ceil(figures.length * USUAL_SHARE) - 1]!;
}
