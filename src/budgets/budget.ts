import { oncePerCatalog } from '../catalog/once-per-catalog.ts';
import { resolveModelRef } from '../config/model-ref.ts';
import type { BudgetConfig, Config } from '../config/schema.ts';

/** What a budget counts: nano-dollars, tokens of all kinds, or requests. */
export type BudgetUnit = 'nanoUsd' | 'tokens' | 'requests';
export type BudgetWindow = BudgetConfig['per'];

/** What a budget is about; what is left out fits anything. */
export interface BudgetScope {
  readonly agentId?: string;
  /** The profile and its owner. */
  readonly profileAgentId?: string;
  readonly profileId?: string;
  readonly provider?: string;
  /** Canonical; of `provider`. */
  readonly model?: string;
  /** That the access token carries. */
  readonly label?: string;
}

/** A cap, as the configuration means it. */
export interface Budget {
  readonly name: string;
  readonly scope: BudgetScope;
  readonly unit: BudgetUnit;
  /** In units of `unit`, whole. */
  readonly amount: number;
  readonly per: BudgetWindow;
  readonly isHard: boolean;
  /** Shares of the amount, lowest first. */
  readonly alertAt: readonly number[];
  /** What a request without a known price is charged; undefined: a hard budget in dollars refuses it. */
  readonly unpricedNanoUsd: number | undefined;
  /** Of the access token that carries it (`token-budget.ts`); undefined: it stands in the configuration. */
  readonly accessor?: string;
}

const NANO = 1_000_000_000;

/** The budgets of a configuration, in its order. */
export const budgetsOf = oncePerCatalog((config: Config): readonly Budget[] =>
  Object.entries(config.budgets).map(([name, written]) => budgetOf(config, name, written)),
);

function budgetOf(config: Config, name: string, written: BudgetConfig): Budget {
  const { per, enforcement, alertAt, unpricedUsd } = written;
  return {
    name,
    scope: scopeOf(config, name, written),
    ...amountOf(written),
    per,
    isHard: enforcement === 'hard',
    alertAt: [...alertAt].sort((a, b) => a - b),
    unpricedNanoUsd: unpricedUsd === undefined ? undefined : nanoUsd(unpricedUsd),
  };
}

function scopeOf(config: Config, name: string, { scope }: BudgetConfig): BudgetScope {
  if (scope === 'everything') return {};
  if (scope === undefined) return { agentId: name };
  const { agent, profile, model, label } = scope;
  const ref = model === undefined ? undefined : resolveModelRef(config, model);
  const slash = profile?.indexOf('/') ?? -1;
  return {
    ...(agent !== undefined && { agentId: agent }),
    ...(profile !== undefined && { profileAgentId: profile.slice(0, slash), profileId: profile.slice(slash + 1) }),
    ...(ref && { provider: ref.provider, model: ref.model }),
    ...(label !== undefined && { label }),
  };
}

/** What is written of a cap has exactly one of these. */
export function amountOf({ usd, tokens, requests = 0 }: Amounts): Pick<Budget, 'unit' | 'amount'> {
  if (usd !== undefined) return { unit: 'nanoUsd', amount: nanoUsd(usd) };
  return tokens !== undefined ? { unit: 'tokens', amount: tokens } : { unit: 'requests', amount: requests };
}

type Amounts = Pick<BudgetConfig, 'usd' | 'tokens' | 'requests'>;

/** Dollars in whole nano-dollars. */
function nanoUsd(usd: number): number {
  return Math.round(usd * NANO);
}
