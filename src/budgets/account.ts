import type { Budget } from './budget.ts';
import type { Standing } from './verdict.ts';
import type { WindowSpan } from './window.ts';

/** One budget in its present window, as a running gateway keeps it. `Holder`: whatever stands for a request under way. */
export class Account<Holder extends { readonly admittedAtMs: number }> implements Standing {
  budget: Budget;
  readonly window: WindowSpan;
  /** Shares of the amount that people were told of in this window: the highest. */
  toldShare = 0;
  usedUpSinceMs: number | undefined;
  #spent: number;
  #reserved = 0;
  readonly #holds = new Map<Holder, number>();

  constructor(budget: Budget, window: WindowSpan, spent: number) {
    this.budget = budget;
    this.window = window;
    this.#spent = spent;
  }

  get amount(): number {
    return this.budget.amount;
  }

  get isHard(): boolean {
    return this.budget.isHard;
  }

  get spent(): number {
    return this.#spent;
  }

  get reserved(): number {
    return this.#reserved;
  }

  /** Whether some request under way may still take of it. */
  get isHeld(): boolean {
    return this.#holds.size > 0;
  }

  isOver(nowMs: number): boolean {
    const { startMs, endMs } = this.window;
    return nowMs < startMs || (endMs !== null && nowMs >= endMs);
  }

  /** A request counts in the window in which it was let out. */
  holds(atMs: number): boolean {
    return atMs >= this.window.startMs;
  }

  hold(holder: Holder, amount: number): void {
    if (!this.holds(holder.admittedAtMs)) return;
    this.#holds.set(holder, amount);
    this.#reserved += amount;
  }

  release(holder: Holder): void {
    this.#reserved -= this.#holds.get(holder) ?? 0;
    this.#holds.delete(holder);
  }

  charge(amount: number): void {
    this.#spent += amount;
  }
}
