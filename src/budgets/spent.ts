import { normalizeModel } from '../catalog/models.ts';
import { QUARTER_MS } from '../core/time.ts';
import type { Database } from '../database/database.ts';
import { LEDGER_AS_USAGE, summed, USAGE_COLUMNS } from '../database/usage-quarters.ts';
import type { Budget, BudgetScope, BudgetUnit } from './budget.ts';

/** What was spent, by the unit of a budget; dollars are whole nano-dollars. */
export type Spent = Readonly<Record<BudgetUnit, number>>;

/** The same with what is worth knowing beside it. */
export interface SpentDetail extends Spent {
  /** The part of it that answers of a simulator make up. */
  readonly simulated: Spent;
  /** The part that stays charged because what it used or cost never came. */
  readonly held: Spent;
  /** Requests whose price is not known. */
  readonly unpriced: number;
}

interface Counted extends Spent {
  readonly provider: string;
  readonly model: string;
  readonly isSimulated: number;
  readonly heldNanoUsd: number;
  readonly heldTokens: number;
  readonly held: number;
  readonly unpriced: number;
}

/** What counts in a scope but for its model, over columns that ledger and sums share; ?2 to ?6 are `scopeValues`. */
export const IN_SCOPE = `(?2 IS NULL OR agent_id = ?2) AND (?3 IS NULL OR profile_agent_id = ?3) AND (?4 IS NULL OR profile_id = ?4)
  AND (?5 IS NULL OR provider = ?5) AND (?6 IS NULL OR token_label = ?6)`;

/** Together the tokens of all kinds that an answer used. */
export const TOKEN_COLUMNS = [
  'input_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
];
const TOKENS = [...TOKEN_COLUMNS, 'held_tokens'].join(' + ');

/** All that ended, by quarters of an hour; what is left of a quarter at the start row by row. */
const COUNTED = `WITH used (${USAGE_COLUMNS}) AS (
    SELECT ${USAGE_COLUMNS} FROM usage_quarters WHERE quarter >= ?7
    UNION ALL ${LEDGER_AS_USAGE} INDEXED BY ledger_by_time
      WHERE admitted_at_ms >= ?1 AND admitted_at_ms < ?7 * ${QUARTER_MS} AND ended_at_ms IS NOT NULL
  )
  SELECT provider, model, is_simulated AS isSimulated, ${summed('cost_nano_usd + held_nano_usd')} AS nanoUsd,
    ${summed(TOKENS)} AS tokens, sum(charged) AS requests, ${summed('held_nano_usd')} AS heldNanoUsd,
    ${summed('held_tokens')} AS heldTokens, sum(held) AS held, sum(unpriced) AS unpriced
  FROM used WHERE ${IN_SCOPE} GROUP BY 1, 2, 3`;

/**
 * What requests in a budget's scope that were let out since then have spent: those that ended, simulated ones among
 * them, by what they cost and what stays charged of them.
 */
export function spentSince(database: Database, budget: Budget, startMs: number): Spent {
  const { nanoUsd, tokens, requests } = spentDetail(database, budget, startMs);
  return { nanoUsd, tokens, requests };
}

export function spentDetail(database: Database, budget: Budget, startMs: number): SpentDetail {
  const rows = database
    .all<Counted>(COUNTED, startMs, ...scopeValues(budget.scope), Math.ceil(startMs / QUARTER_MS))
    .filter(({ provider, model }) => isOfModel(budget.scope, provider, model));
  return {
    ...sum(rows),
    simulated: sum(rows.filter(({ isSimulated }) => isSimulated === 1)),
    held: sum(
      rows.map(({ heldNanoUsd, heldTokens, held }) => ({ nanoUsd: heldNanoUsd, tokens: heldTokens, requests: held })),
    ),
    unpriced: rows.reduce((total, { unpriced }) => total + unpriced, 0),
  };
}

/** A scope as the parameters ?2 to ?6. */
export function scopeValues({ agentId, profileAgentId, profileId, provider, label }: BudgetScope): (string | null)[] {
  return [agentId, profileAgentId, profileId, provider, label].map((value) => value ?? null);
}

/** Models are compared in their one spelling, which SQL does not know. */
export function isOfModel(scope: BudgetScope, provider: string, model: string): boolean {
  return scope.model === undefined || normalizeModel(provider, model) === scope.model;
}

function sum(rows: readonly Spent[]): Spent {
  return rows.reduce<Spent>(
    (total, { nanoUsd, tokens, requests }) => ({
      nanoUsd: total.nanoUsd + nanoUsd,
      tokens: total.tokens + tokens,
      requests: total.requests + requests,
    }),
    { nanoUsd: 0, tokens: 0, requests: 0 },
  );
}
