import type { Stores } from '../app.ts';
import { type Budget, type BudgetUnit, budgetsOf } from '../budgets/budget.ts';
import { type BudgetState, budgetState } from '../budgets/budget-state.ts';
import { expectedBound } from '../budgets/expected-bound.ts';
import { boundsInUse, type InUse, overshootOf } from '../budgets/overshoot.ts';
import type { Config } from '../config/schema.ts';
import { MoltbotError } from '../core/errors.ts';
import { grantedId } from '../core/ids.ts';
import { printable } from '../core/text.ts';
import { usd } from '../core/usd.ts';

/** A budget as `models status` and the management API show it. Times are epoch ms, amounts in `unit`. */
export interface BudgetStatus {
  readonly name: string;
  /** Of what it counts; empty: everything. */
  readonly scope: {
    readonly agent?: string;
    readonly profile?: string;
    readonly model?: string;
    readonly label?: string;
  };
  readonly unit: BudgetUnit;
  readonly per: BudgetState['budget']['per'];
  readonly timeZone: string;
  readonly enforcement: 'soft' | 'hard';
  readonly alertAt: readonly number[];
  /** What a request without a known price is charged; null: that is not set. */
  readonly unpricedNanoUsd: number | null;
  readonly amount: number;
  readonly spent: number;
  readonly reserved: number;
  readonly remaining: number;
  /** Parts of `spent`: what a simulator answered, and what stays charged of answers nobody heard of. */
  readonly simulated: number;
  readonly held: number;
  /** Requests whose price is not known. */
  readonly unpriced: number;
  readonly state: 'open' | 'used_up';
  readonly usedUpSince: number | null;
  readonly window: { readonly startsAt: number; readonly endsAt: number | null };
  /** When it is empty if spending goes on like this; null: not before its window ends. */
  readonly emptyAt: number | null;
  /** The same amounts in dollars; null where it does not count dollars. */
  readonly usd: Readonly<Record<'amount' | 'spent' | 'reserved' | 'remaining', string>> | null;
}

/** The same with what it may come to at worst. */
export interface BudgetOutlook extends BudgetStatus {
  /** By how much it may be passed; null: nothing tells yet what requests may take. */
  readonly overshoot: number | null;
  readonly overshootUsd: string | null;
  /** The request that may take the most: of the last 30 days, else (`seen` false) one to the default model. */
  readonly largestRequest: { readonly amount: number; readonly model: string; readonly seen: boolean } | null;
}

export function budgetStatus(state: BudgetState, timeZone: string): BudgetStatus {
  const { budget, window, isUsedUp, usedUpSinceMs, emptyAtMs, ...amounts } = state;
  const { name, unit, per, isHard, alertAt, unpricedNanoUsd, amount } = budget;
  const { spent, reserved, remaining } = amounts;
  return {
    name,
    scope: shownScope(state),
    unit,
    per,
    timeZone,
    enforcement: isHard ? 'hard' : 'soft',
    alertAt,
    unpricedNanoUsd: unpricedNanoUsd ?? null,
    amount,
    ...amounts,
    state: isUsedUp ? 'used_up' : 'open',
    usedUpSince: usedUpSinceMs,
    window: { startsAt: window.startMs, endsAt: window.endMs },
    emptyAt: emptyAtMs,
    usd:
      unit === 'nanoUsd'
        ? { amount: usd(amount), spent: usd(spent), reserved: usd(reserved), remaining: usd(remaining) }
        : null,
  };
}

/** Every budget with its outlook. Reads only; `stores` undefined: nothing was ever spent. */
export function budgetOutlooks(stores: Stores | undefined, config: Config, nowMs: number): BudgetOutlook[] {
  return budgetsOf(config).map((budget) => outlookOf(stores, config, budget, nowMs));
}

/** One of them. BUDGET_NOT_FOUND. */
export function budgetOutlook(stores: Stores | undefined, config: Config, name: string, nowMs: number): BudgetOutlook {
  const budget = budgetsOf(config).find((each) => each.name === name);
  if (!budget) throw budgetNotFound(name);
  return outlookOf(stores, config, budget, nowMs);
}

export function budgetNotFound(name: string): MoltbotError {
  return new MoltbotError('BUDGET_NOT_FOUND', `There is no budget "${printable(name.slice(0, 60))}".`, {
    hint: 'See the budgets: moltbot budget list',
  });
}

function outlookOf(stores: Stores | undefined, config: Config, budget: Budget, nowMs: number): BudgetOutlook {
  const { unit, scope } = budget;
  const state = budgetState(stores?.database, budget, config.timeZone, nowMs);
  const seen = stores && boundsInUse(stores.database, budget, nowMs);
  const inUse: InUse | undefined = seen ?? expectedBound(config, budget, nowMs);
  const policy = scope.agentId === undefined ? undefined : stores?.agents.get(scope.agentId)?.policy;
  const overshoot = overshootOf(stores?.database, state, inUse, policy?.concurrency) ?? null;
  return {
    ...budgetStatus(state, config.timeZone),
    overshoot,
    overshootUsd: unit === 'nanoUsd' && overshoot !== null ? usd(overshoot) : null,
    largestRequest: inUse ? { amount: inUse.bound, model: inUse.model, seen: seen !== undefined } : null,
  };
}

function shownScope({ budget }: BudgetState): BudgetStatus['scope'] {
  const { agentId, profileAgentId, profileId, provider, model, label } = budget.scope;
  return {
    ...(agentId !== undefined && { agent: agentId }),
    ...(profileAgentId !== undefined && profileId !== undefined && { profile: grantedId(profileAgentId, profileId) }),
    ...(model !== undefined && { model: `${provider}/${model}` }),
    ...(label !== undefined && { label }),
  };
}
