import { normalizeModel } from '../catalog/models.ts';
import { DAY_MS } from '../core/time.ts';
import type { Database } from '../database/database.ts';
import type { Budget } from './budget.ts';
import type { BudgetState } from './budget-state.ts';
import { IN_SCOPE, isOfModel, scopeValues } from './spent.ts';
import { UsualCosts } from './usual-costs.ts';

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
/** Before there is a history, a tenth of the worst case is reserved: nine tenths may come on top. */
export const UNKNOWN_EXCESS = 9;
/** The newest rows tell enough, and reading them takes no time that is felt. */
const ROWS_READ = 100_000;

const COLUMNS = { nanoUsd: 'nano_usd', tokens: 'tokens' } as const;

/**
 * By the newest rows of the last 30 days, and by what requests of their agents usually take now: what is reserved for the
 * next ones. Undefined where no row was bounded.
 */
export function boundsInUse(
  database: Database,
  { scope, unit }: Pick<Budget, 'scope' | 'unit'>,
  nowMs: number,
): InUse | undefined {
  if (unit === 'requests') return undefined;
  const [bound, reserved] = [`bound_${COLUMNS[unit]}`, `reserved_${COLUMNS[unit]}`];
  const rows = database
    .all<BoundRow>(
      `SELECT agent_id AS agentId, provider, coalesce(model_served, '') AS model, max(${bound}) AS bound,
         max((${bound} - ${reserved}) * 1.0 / ${reserved}) FILTER (WHERE ${reserved} > 0) AS excess
       FROM ledger WHERE id > (SELECT coalesce(max(id), 0) FROM ledger) - ${ROWS_READ} AND admitted_at_ms >= ?1
         AND ${bound} IS NOT NULL AND ${IN_SCOPE} GROUP BY 1, 2, 3`,
      nowMs - IN_USE_MS,
      ...scopeValues(scope),
    )
    .filter(({ provider, model }) => isOfModel(scope, provider, model));
  const largest = rows.toSorted((a, b) => b.bound - a.bound)[0];
  if (!largest) return undefined;
  const usual = new UsualCosts(database);
  const excesses = rows.map((row) => Math.max(row.excess ?? 0, excessOver(usual, row, unit)));
  return {
    bound: largest.bound,
    model: `${largest.provider}/${largest.model || '-'}`,
    excess: Math.max(0, ...excesses),
  };
}

interface BoundRow {
  readonly agentId: string;
  readonly provider: string;
  readonly model: string;
  readonly bound: number;
  readonly excess: number | null;
}

/** By the habits of its agent, as the gateway reserves. */
function excessOver(
  usual: UsualCosts,
  { agentId, provider, model, bound }: BoundRow,
  unit: 'nanoUsd' | 'tokens',
): number {
  const reserved = usual.of(agentId, provider, normalizeModel(provider, model))?.[unit];
  return reserved === undefined ? UNKNOWN_EXCESS : (bound - reserved) / Math.max(1, reserved);
}

/**
 * By how much a budget may be passed at worst, in its unit: never where it is hard, while prices and bounds are known.
 * A soft one by what its requests under way, those that still fit, and those that fit when others have taken less, may
 * cost above their reservations, and by one request that gets the last of it; but by no more than `concurrency` requests
 * may cost that run at its end, where that is limited. Undefined: nothing tells yet what requests may take.
 */
export function overshootOf(
  database: Database | undefined,
  state: BudgetState,
  inUse: InUse | undefined,
  concurrency: number | undefined,
): number | undefined {
  const { budget, isUsedUp, remaining, window } = state;
  if (budget.isHard || budget.unit === 'requests') return 0;
  const running = database ? excessUnderWay(database, budget, window.startMs, isUsedUp ? 0 : (inUse?.excess ?? 0)) : 0;
  if (isUsedUp) return running;
  if (!inUse) return undefined;
  const most = running + Math.ceil(remaining * inUse.excess) + inUse.bound;
  return concurrency === undefined ? most : Math.min(most, concurrency * inUse.bound);
}

/**
 * What requests under way may take above what is reserved for them, or others `excess` times as much above it in their
 * place, when they turn out to take nothing.
 */
function excessUnderWay(database: Database, { scope, unit }: Budget, startMs: number, excess: number): number {
  const column = COLUMNS[unit as keyof typeof COLUMNS];
  return database
    .all<{ provider: string; model: string; excess: number }>(
      `SELECT provider, coalesce(model_served, '') AS model, sum(max(bound_${column} - reserved_${column}, reserved_${column} * ?7)) AS excess
       FROM ledger INDEXED BY ledger_open
       WHERE ended_at_ms IS NULL AND admitted_at_ms >= ?1 AND bound_${column} IS NOT NULL AND ${IN_SCOPE}
       GROUP BY 1, 2`,
      startMs,
      ...scopeValues(scope),
      excess,
    )
    .filter(({ provider, model }) => isOfModel(scope, provider, model))
    .reduce((total, row) => total + Math.ceil(row.excess), 0);
}
