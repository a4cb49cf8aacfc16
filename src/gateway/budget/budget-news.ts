import type { Alert } from '../../alerts/alert.ts';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { BudgetStateStore } from '../../budgets/budget-state-store.ts';
import { resetText } from '../../budgets/reset-text.ts';
import { spentText } from '../../budgets/spent-text.ts';
import { isUsedUp } from '../../budgets/verdict.ts';
import type { Clock } from '../../core/time.ts';
import type { Database } from '../../database/database.ts';
import type { BudgetAccount } from './budget-account.ts';

export interface BudgetNewsParts {
  readonly database: Database;
  readonly states: BudgetStateStore;
  readonly audit: AuditLog;
  readonly persist: (write: () => void) => void;
  readonly tell: (alert: Alert) => void;
  readonly timeZone: () => string;
  readonly now: Clock;
}

/** Tells of budgets: a threshold is passed, nothing is left, requests go out again. Each once, also over a restart. */
export class BudgetNews {
  readonly #parts: BudgetNewsParts;

  constructor(parts: BudgetNewsParts) {
    this.#parts = parts;
  }

  /** Gives a new account what was told of its budget before. A window that rolls on goes on with it. */
  remember(account: BudgetAccount): void {
    const { budget, window } = account;
    const memory = this.#parts.states.get(budget.name);
    if (!memory) return;
    const isOngoing = memory.windowStartMs === window.startMs || budget.per === '30d';
    const share = shareOf(account);
    account.toldShare = isOngoing
      ? (budget.alertAt.filter((each) => each <= share && each <= memory.toldShare).at(-1) ?? 0)
      : 0;
    account.usedUpSinceMs = memory.usedUpSinceMs ?? undefined;
  }

  /** Looks at what is left. Costs a comparison while there is nothing to tell. */
  look(account: BudgetAccount): void {
    const wasUsedUp = account.usedUpSinceMs !== undefined;
    if (isUsedUp(account)) {
      if (!wasUsedUp) this.#usedUp(account);
      return;
    }
    if (wasUsedUp) this.#opened(account);
    this.#lookAtThresholds(account);
  }

  #lookAtThresholds(account: BudgetAccount): void {
    const { toldShare, budget } = account;
    const share = shareOf(account);
    const passed = budget.alertAt.filter((each) => each <= share).at(-1);
    if (passed === undefined || passed <= toldShare) return;
    account.toldShare = passed;
    this.#keep(account);
    this.#tell(account, 'budget.threshold', `has spent ${percent(passed)}`);
  }

  /** Forgets budgets that are not there any more. */
  keepOnly(accounts: readonly BudgetAccount[]): void {
    const { persist, states } = this.#parts;
    const names = accounts.map(({ budget }) => budget.name);
    if (states.names().some((name) => !names.includes(name))) persist(() => states.keepOnly(names));
  }

  #usedUp(account: BudgetAccount): void {
    account.usedUpSinceMs = this.#parts.now();
    account.toldShare = 1;
    this.#keep(account, 'budget.used_up');
    this.#tell(account, 'budget.used_up', 'is used up');
  }

  #opened(account: BudgetAccount): void {
    account.usedUpSinceMs = undefined;
    this.#keep(account, 'budget.opened');
    this.#tell(account, 'budget.open', 'is open again');
  }

  #keep(account: BudgetAccount, action?: 'budget.used_up' | 'budget.opened'): void {
    const { database, states, audit, persist, now } = this.#parts;
    const { budget, window, toldShare, usedUpSinceMs = null, spent, amount } = account;
    const nowMs = now();
    persist(() =>
      database.transaction(() => {
        states.save({ name: budget.name, windowStartMs: window.startMs, toldShare, usedUpSinceMs });
        if (!action) return;
        const detail = { unit: budget.unit, spent, amount };
        audit.append({ actor: 'gateway', action, subject: budget.name, detail }, nowMs);
      }),
    );
  }

  #tell(account: BudgetAccount, kind: Alert['kind'], what: string): void {
    const { tell, timeZone, now } = this.#parts;
    const { budget, spent, amount, window } = account;
    const { name, unit, per, isHard } = budget;
    const reset = kind === 'budget.open' ? '' : ` ${resetText(per, window.endMs, timeZone())}`;
    tell({
      kind,
      atMs: now(),
      // Told apart by the share, because what is told twice within a minute is told once.
      subject: kind === 'budget.threshold' ? `${name} at ${percent(account.toldShare)}` : name,
      text: `Budget "${name}" ${what}: ${spentText({ unit, spent, amount })}.${reset}`,
      detail: { budget: name, unit, spent, amount, per, isHard, windowEndsAtMs: window.endMs },
    });
  }
}

function shareOf({ spent, amount }: BudgetAccount): number {
  return amount === 0 ? 1 : spent / amount;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
