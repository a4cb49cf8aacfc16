import { DAY_MS } from '../core/time.ts';
import type { Database } from '../database/database.ts';
import type { Budget } from './budget.ts';
import type { BudgetState } from './budget-state.ts';
import { IN_SCOPE, isOfModel, scopeValues } from './spent.ts';

/** What requests of a budget's scope take at most, in its unit. */
export interface InUse {
  /** Of the one that may take the most. */
  readonly bound: number;
  /** `provider/model` of that one. */
  readonly model: string;
  /** How many times what is reserved for a request may come on top of it: (bound − usual) / usual, the largest. */
  readonly excess: number;
}

const IN_USE_MS = 30 * DAY_MS;
/** The newest rows tell enough, and reading them takes no time that is felt. */
const ROWS_READ = 100_000;

const COLUMNS = { nanoUsd: 'nano_usd', tokens: 'tokens' } as const;

/** By the newest rows of the last 30 days; undefined where none of them was bounded. */
export function boundsInUse(
  database: Database,
  { scope, unit }: Pick<Budget, 'scope' | 'unit'>,
  nowMs: number,
): InUse | undefined {
  if (unit === 'requests') return undefined;
  const [bound, reserved] = [`bound_${COLUMNS[unit]}`, `reserved_${COLUMNS[unit]}`];
  const rows = database
    .all<{ provider: string; model: string; bound: number; excess: number | null }>(
      `SELECT provider, coalesce(model_served, '') AS model, max(${bound}) AS bound,
         max((${bound} - ${reserved}) * 1.0 / ${reserved}) FILTER (WHERE ${reserved} > 0) AS excess
       FROM ledger WHERE id > (SELECT coalesce(max(id), 0) FROM ledger) - ${ROWS_READ} AND admitted_at_ms >= ?1
         AND ${bound} IS NOT NULL AND ${IN_SCOPE} GROUP BY 1, 2`,
      nowMs - IN_USE_MS,
      ...scopeValues(scope),
    )
    .filter(({ provider, model }) => isOfModel(scope, provider, model));
  const largest = rows.reduce<(typeof rows)[number] | undefined>(
    (most, row) => (most && most.bound >= row.bound ? most : row),
    undefined,
  );
  if (!largest) return undefined;
  const excess = Math.max(0, ...rows.map((row) => row.excess ?? 0));
  return { bound: largest.bound, model: `${largest.provider}/${largest.model || '-'}`, excess };
}

/**
 * By how much a budget may be passed at worst, in its unit: never where it is hard, while prices and bounds are known.
 * A soft one by what its requests under way and those that still fit may cost above their reservations, and by one
 * request that gets the last of it. No more than `concurrency` requests run at the end of it, where that is limited.
 * Undefined: nothing tells yet what requests may take.
 */
export function overshootOf(
  database: Database | undefined,
  state: BudgetState,
  inUse: InUse | undefined,
  concurrency: number | undefined,
): number | undefined {
  const { budget, isUsedUp, remaining, window } = state;
  if (budget.isHard || budget.unit === 'requests') return 0;
  const running = database ? excessUnderWay(database, budget, window.startMs) : 0;
  if (isUsedUp) return running;
  if (!inUse) return undefined;
  const most = running + Math.ceil(remaining * inUse.excess) + inUse.bound;
  return concurrency === undefined ? most : Math.min(most, concurrency * inUse.bound);
}

/** What requests under way may take above what is reserved for them. */
function excessUnderWay(database: Database, { scope, unit }: Budget, startMs: number): number {
  const column = COLUMNS[unit as keyof typeof COLUMNS];
  return database
    .all<{ provider: string; model: string; excess: number }>(
      `SELECT provider, coalesce(model_served, '') AS model, sum(bound_${column} - reserved_${column}) AS excess
       FROM ledger INDEXED BY ledger_open
       WHERE ended_at_ms IS NULL AND admitted_at_ms >= ?1 AND bound_${column} > reserved_${column} AND ${IN_SCOPE}
       GROUP BY 1, 2`,
      startMs,
      ...scopeValues(scope),
    )
    .filter(({ provider, model }) => isOfModel(scope, provider, model))
    .reduce((total, { excess }) => total + excess, 0);
}
