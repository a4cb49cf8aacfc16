import type { Database } from '../database/database.ts';
import { type Spent, TOKEN_COLUMNS } from './spent.ts';
import { type BudgetLeft, budgetLeft, type SpendingToken, tokenBudgetOf } from './token-budget.ts';

const TOKENS = TOKEN_COLUMNS.map((column) => `coalesce(${column}, 0)`).join(' + ');

/** The rule of `taken.ts` over rows; those of an agent since a time, which is as far as an index leads. */
const BY_ACCESSOR = `SELECT accessor, sum(coalesce(cost_nano_usd, 0) + coalesce(held_nano_usd, 0)) AS nanoUsd,
    sum(${TOKENS} + coalesce(held_tokens, 0)) AS tokens,
    sum(usage_state IS NOT NULL OR held_nano_usd IS NOT NULL OR held_tokens IS NOT NULL) AS requests
  FROM ledger INDEXED BY ledger_by_agent
  WHERE agent_id = ?1 AND admitted_at_ms >= ?2 AND ended_at_ms IS NOT NULL
    AND accessor IN (SELECT value FROM json_each(?3))
  GROUP BY accessor`;

/** What tokens have spent since they were made, by accessor; only those that carry a budget and spent something. */
export function spentByTokens(database: Database, tokens: readonly SpendingToken[]): ReadonlyMap<string, Spent> {
  const byAgent = Map.groupBy(
    tokens.filter(({ policy }) => policy.budget),
    ({ agentId }) => agentId,
  );
  const rows = [...byAgent].flatMap(([agentId, own]) => {
    const sinceMs = own.reduce((least, { createdAtMs }) => Math.min(least, createdAtMs), Number.MAX_SAFE_INTEGER);
    const accessors = JSON.stringify(own.map(({ accessor }) => accessor));
    return database.all<Spent & { readonly accessor: string }>(BY_ACCESSOR, agentId, sinceMs, accessors);
  });
  return new Map(rows.map(({ accessor, ...spent }) => [accessor, spent]));
}

/** What is left of the budgets of tokens, by accessor, as the ledger says; only those that carry one. */
export function leftOfTokens(database: Database, tokens: readonly SpendingToken[]): ReadonlyMap<string, BudgetLeft> {
  const spent = spentByTokens(database, tokens);
  return new Map(
    tokens.flatMap((token) => {
      const budget = tokenBudgetOf(token);
      return budget ? [[token.accessor, budgetLeft(budget, spent.get(token.accessor)?.[budget.unit] ?? 0)]] : [];
    }),
  );
}
