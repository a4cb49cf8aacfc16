import { isDeepStrictEqual } from 'node:util';
import { Account } from '../../budgets/account.ts';
import { type Budget, budgetsOf } from '../../budgets/budget.ts';
import { claimOf, type Reserved, reservedOf } from '../../budgets/estimate.ts';
import { covers, type Spender } from '../../budgets/scope.ts';
import { spentSince } from '../../budgets/spent.ts';
import { takenBy } from '../../budgets/taken.ts';
import type { SpendingToken } from '../../budgets/token-budget.ts';
import type { UsualCosts } from '../../budgets/usual-costs.ts';
import { windowAt } from '../../budgets/window.ts';
import { normalizeModel } from '../../catalog/models.ts';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../core/time.ts';
import type { Database } from '../../database/database.ts';
import type { EndedRow } from '../../ledger/ledger.ts';
import type { Cancel } from '../forward/forward.ts';
import { askBudgets } from './ask-budgets.ts';
import type { BudgetAccount, BudgetAnswer, Holder } from './budget-account.ts';
import type { BudgetNews } from './budget-news.ts';
import { TokenAccounts } from './token-accounts.ts';
import { WaitingQueue } from './waiting-queue.ts';

export interface BudgetBookParts {
  readonly config: () => Config;
  readonly database: Database;
  readonly usual: UsualCosts;
  readonly news: BudgetNews;
  readonly now: Clock;
}

/**
 * What every budget has left, kept in memory by the one gateway that spends: asked and held in the same step, so that
 * requests which run at the same time see each other. What was spent is the ledger's word: read when a window begins,
 * then counted with every row whose completion is committed; until then it is held.
 */
export class BudgetBook {
  readonly #parts: BudgetBookParts;
  readonly #running = new Set<Holder>();
  readonly #byRow = new Map<number, Holder>();
  readonly #tokens: TokenAccounts;
  readonly #queue: WaitingQueue;
  #accounts: readonly BudgetAccount[] = [];
  #config: Config | undefined;

  constructor(parts: BudgetBookParts) {
    this.#parts = parts;
    this.#tokens = new TokenAccounts(parts.database);
    this.#queue = new WaitingQueue((holder) => this.verdictOf(holder).kind === 'busy', parts.now);
  }

  /** False: a request with this token has nothing to ask. */
  hasAny({ policy }: SpendingToken): boolean {
    this.#sync();
    return this.#accounts.length > 0 || policy.budget !== undefined;
  }

  /** The budgets that cover this request: those of the configuration, and that of its token. */
  covering(spender: Spender, token: SpendingToken): readonly BudgetAccount[] {
    this.#sync();
    const own = this.ofToken(token);
    return [...this.#accounts.filter(({ budget }) => covers(budget.scope, spender)), ...(own ? [own] : [])];
  }

  /** Undefined: the token carries no budget. */
  ofToken(token: SpendingToken): BudgetAccount | undefined {
    return this.#tokens.of(token, this.#parts.now());
  }

  /** What the budgets would say. */
  verdictOf(holder: Holder): BudgetAnswer {
    return askBudgets(this.covering(holder.spender, holder.token), holder.estimate).answer;
  }

  /** Holds what the attempt may take in every budget that covers it, or in none. */
  hold(holder: Holder): BudgetAnswer {
    const accounts = this.covering(holder.spender, holder.token);
    const { claims, answer } = askBudgets(accounts, holder.estimate);
    if (answer.kind !== 'fits') return answer;
    for (const [at, { account }] of claims.entries()) account.hold(holder, answer.amounts[at]!);
    this.#running.add(holder);
    return answer;
  }

  /** What the ledger keeps of that. */
  reservedBy({ spender, token, estimate }: Holder): Reserved {
    const budgets = this.covering(spender, token).map(({ budget }) => budget);
    return reservedOf(budgets, estimate);
  }

  /** The attempt went out: the completion of this row settles it. */
  letOut(holder: Holder, rowId: number): void {
    this.#byRow.set(rowId, holder);
  }

  /** It did not go out. */
  release(holder: Holder): void {
    if (!this.#running.delete(holder)) return;
    for (const account of this.#accounts) account.release(holder);
    this.#tokens.known(holder.token.accessor)?.release(holder);
    this.#queue.look();
  }

  /** What an attempt really took, once that is written down. */
  readonly completed = (row: EndedRow): void => {
    const holder = this.#byRow.get(row.id);
    const own = this.#tokens.known(row.accessor);
    if (!holder && !own && this.#accounts.length === 0) return;
    this.#byRow.delete(row.id);
    const spender = spenderOfRow(row);
    const taken = takenBy(row);
    for (const account of this.#accounts) {
      if (!covers(account.budget.scope, spender) || !account.holds(row.admittedAtMs)) continue;
      account.charge(taken[account.budget.unit]);
      this.#parts.news.look(account);
    }
    own?.charge(taken[own.budget.unit]);
    if (row.booking?.costNanoUsd != null && !row.isSubscription) {
      this.#parts.usual.note(row.agentId, row.provider, spender.model ?? '', taken);
    }
    if (holder) this.release(holder);
  };

  /** Waits until one of these attempts does not find others in its way; false when that takes too long or the client left. */
  room(holders: readonly Holder[], untilMs: number, cancel: Cancel): Promise<boolean> {
    return this.#queue.room(holders, untilMs, cancel);
  }

  /** About once a second: windows that have ended begin anew, and changed settings hold, also where nobody asks. */
  look(): void {
    this.#sync();
  }

  /** About once an hour. */
  prune(nowMs: number): void {
    this.#tokens.prune(nowMs);
  }

  #sync(): void {
    const { config, now, news } = this.#parts;
    const present = config();
    const nowMs = now();
    if (present === this.#config && !this.#accounts.some((account) => account.isOver(nowMs))) return;
    this.#config = present;
    const before = new Map(this.#accounts.map((account) => [account.budget.name, account]));
    this.#accounts = budgetsOf(present).map((budget) =>
      this.#account(before.get(budget.name), budget, present.timeZone, nowMs),
    );
    news.keepOnly(this.#accounts);
    for (const account of this.#accounts) news.look(account);
    this.#queue.look();
  }

  #account(before: BudgetAccount | undefined, budget: Budget, timeZone: string, nowMs: number): BudgetAccount {
    const window = windowAt(budget.per, timeZone, nowMs);
    if (before && isSameCount(before.budget, budget) && isDeepStrictEqual(before.window, window)) {
      before.budget = budget;
      return before;
    }
    const spent = spentSince(this.#parts.database, budget, window.startMs)[budget.unit];
    const account: BudgetAccount = new Account(budget, window, spent);
    for (const holder of this.#running) {
      if (!covers(budget.scope, holder.spender)) continue;
      const claim = claimOf(budget, holder.estimate);
      account.hold(holder, (budget.isHard ? claim?.bound : claim?.usual) ?? 0);
    }
    this.#parts.news.remember(account);
    return account;
  }
}

/** Whether what was counted for the one counts for the other. */
function isSameCount(a: Budget, b: Budget): boolean {
  return a.unit === b.unit && a.isHard === b.isHard && isDeepStrictEqual(a.scope, b.scope);
}

function spenderOfRow(row: EndedRow): Spender {
  const { agentId, profileAgentId, profileId, provider, modelServed, tokenLabel: label } = row;
  const model = modelServed === null ? undefined : normalizeModel(provider, modelServed);
  return { agentId, profileAgentId, profileId, provider, model, label };
}
