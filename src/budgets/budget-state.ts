import type { Config } from '../config/schema.ts';
import { HOUR_MS, MINUTE_MS } from '../core/time.ts';
import type { Database } from '../database/database.ts';
import { type Budget, type BudgetUnit, budgetsOf } from './budget.ts';
import { BudgetStateStore } from './budget-state-store.ts';
import { IN_SCOPE, isOfModel, type SpentDetail, scopeValues, spentDetail, spentSince } from './spent.ts';
import { isUsedUp } from './verdict.ts';
import { ROLLING_MS, type WindowSpan, windowAt } from './window.ts';

/** How one budget stands in its present window; amounts in its unit. */
export interface BudgetState {
  readonly budget: Budget;
  readonly window: WindowSpan;
  readonly spent: number;
  /** By requests under way. */
  readonly reserved: number;
  /** What neither was spent nor is reserved. */
  readonly remaining: number;
  /** The part of `spent` that answers of a simulator make up. */
  readonly simulated: number;
  /** The part of `spent` that stays charged because what it used or cost never came. */
  readonly held: number;
  /** Requests whose price is not known. */
  readonly unpriced: number;
  readonly isUsedUp: boolean;
  /** Null: it is not, or no gateway has noticed yet. */
  readonly usedUpSinceMs: number | null;
  /** When it is empty if spending goes on as in its last hour; null: not before its window ends. */
  readonly emptyAtMs: number | null;
}

const NOTHING = { nanoUsd: 0, tokens: 0, requests: 0 };
const NO_SPENDING: SpentDetail = { ...NOTHING, simulated: NOTHING, held: NOTHING, unpriced: 0 };

/** A shorter time says nothing of a pace. */
const LEAST_PACE_MS = 15 * MINUTE_MS;
/** The last time that can be shown (ECMA-262, 21.4.1.1). */
const LAST_TIME_MS = 8.64e15;

/** What requests under way hold; those that reserve nothing (`count_tokens`, lists of models) are none. */
const UNDER_WAY = `SELECT provider, coalesce(model_served, '') AS model, count(*) AS requests,
    sum(coalesce(reserved_nano_usd, 0)) AS nanoUsd, sum(coalesce(reserved_tokens, 0)) AS tokens
  FROM ledger INDEXED BY ledger_open
  WHERE ended_at_ms IS NULL AND admitted_at_ms >= ?1 AND coalesce(reserved_nano_usd, reserved_tokens) IS NOT NULL
    AND ${IN_SCOPE}
  GROUP BY 1, 2`;

/** How every budget of a configuration stands, in its order. */
export function budgetStates(database: Database | undefined, config: Config, nowMs: number): BudgetState[] {
  return budgetsOf(config).map((budget) => budgetState(database, budget, config.timeZone, nowMs));
}

/** How a budget stands by what the database says; undefined `database`: nothing was ever spent. Writes nothing. */
export function budgetState(
  database: Database | undefined,
  budget: Budget,
  timeZone: string,
  nowMs: number,
): BudgetState {
  const { unit, amount, name, per } = budget;
  const window = windowAt(per, timeZone, nowMs);
  const detail = database ? spentDetail(database, budget, window.startMs) : NO_SPENDING;
  const reserved = database ? reservedSince(database, budget, window.startMs) : 0;
  const spent = detail[unit];
  const usedUp = isUsedUp({ spent, amount });
  return {
    budget,
    window,
    spent,
    reserved,
    remaining: Math.max(0, amount - spent - reserved),
    simulated: detail.simulated[unit],
    held: detail.held[unit],
    unpriced: detail.unpriced,
    isUsedUp: usedUp,
    usedUpSinceMs: (usedUp && database && new BudgetStateStore(database).get(name)?.usedUpSinceMs) || null,
    emptyAtMs: database && !usedUp ? emptyAtMs(database, budget, { window, left: amount - spent }, nowMs) : null,
  };
}

function reservedSince(database: Database, { scope, unit }: Budget, startMs: number): number {
  return database
    .all<{ provider: string; model: string } & Record<BudgetUnit, number>>(UNDER_WAY, startMs, ...scopeValues(scope))
    .filter(({ provider, model }) => isOfModel(scope, provider, model))
    .reduce((total, row) => total + row[unit], 0);
}

function emptyAtMs(
  database: Database,
  budget: Budget,
  { window, left }: { readonly window: WindowSpan; readonly left: number },
  nowMs: number,
): number | null {
  const fromMs = Math.max(window.startMs, nowMs - HOUR_MS);
  const spent = spentSince(database, budget, fromMs)[budget.unit];
  if (spent === 0) return null;
  const atMs = Math.ceil(nowMs + (left / spent) * Math.max(LEAST_PACE_MS, nowMs - fromMs));
  // What is spent now leaves a rolling window 30 days later.
  const endMs = budget.per === '30d' ? nowMs + ROLLING_MS : (window.endMs ?? Number.POSITIVE_INFINITY);
  return atMs < endMs && atMs <= LAST_TIME_MS ? atMs : null;
}
