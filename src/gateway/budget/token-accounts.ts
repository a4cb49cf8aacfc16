import { Account } from '../../budgets/account.ts';
import { type SpendingToken, tokenBudgetOf } from '../../budgets/token-budget.ts';
import { spentByTokens } from '../../budgets/token-spent.ts';
import { HOUR_MS } from '../../core/time.ts';
import type { Database } from '../../database/database.ts';
import type { BudgetAccount } from './budget-account.ts';

const WHOLE_LIFE = { startMs: 0, endMs: null } as const;
const KEPT_IDLE_MS = HOUR_MS;

/**
 * What tokens that carry a budget have left. An account is made of the ledger when its token is first used, also after a
 * restart, and goes when it was not used for an hour: the ledger still knows.
 */
export class TokenAccounts {
  readonly #database: Database;
  readonly #accounts = new Map<string, { readonly account: BudgetAccount; askedAtMs: number }>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Undefined for a token without a budget. */
  of(token: SpendingToken, nowMs: number): BudgetAccount | undefined {
    const known = this.#accounts.get(token.accessor);
    if (known) known.askedAtMs = nowMs;
    return known?.account ?? this.#open(token, nowMs);
  }

  /** Undefined: nobody spends on it just now, or it carries no budget. */
  known(accessor: string): BudgetAccount | undefined {
    return this.#accounts.get(accessor)?.account;
  }

  /** Forgets what nobody asks for and no request under way holds. */
  prune(nowMs: number): void {
    for (const [accessor, { account, askedAtMs }] of this.#accounts) {
      if (!account.isHeld && nowMs - askedAtMs >= KEPT_IDLE_MS) this.#accounts.delete(accessor);
    }
  }

  #open(token: SpendingToken, nowMs: number): BudgetAccount | undefined {
    const budget = tokenBudgetOf(token);
    if (!budget) return undefined;
    // A row is counted right after the commit that wrote it, so what is read here is never counted again.
    const spent = spentByTokens(this.#database, [token]).get(token.accessor)?.[budget.unit] ?? 0;
    const account: BudgetAccount = new Account(budget, WHOLE_LIFE, spent);
    this.#accounts.set(token.accessor, { account, askedAtMs: nowMs });
    return account;
  }
}
