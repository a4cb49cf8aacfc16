import { setImmediate as nextTurn } from 'node:timers/promises';
import { isMoltbotError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import { waitUntil } from '../choose/wait-until.ts';
import { Cancel } from '../forward/forward.ts';
import type { Holder } from './budget-account.ts';

/** A request that waits, and what it may want: one attempt for each profile that could serve it. */
interface Waiting {
  readonly holders: readonly Holder[];
  readonly wake: () => void;
}

/**
 * Requests that wait for what others hold of a budget. They are looked at in the order in which they came, and each is
 * woken only when it fits and before the next is looked at: thousands that wait for one place cost no more than the look.
 */
export class WaitingQueue {
  readonly #isBusy: (holder: Holder) => boolean;
  readonly #now: Clock;
  readonly #waiting = new Set<Waiting>();
  #isDue = false;
  #isLooking = false;

  constructor(isBusy: (holder: Holder) => boolean, now: Clock) {
    this.#isBusy = isBusy;
    this.#now = now;
  }

  /** False when it takes too long or the client left. */
  async room(holders: readonly Holder[], untilMs: number, cancel: Cancel): Promise<boolean> {
    if (cancel.isCancelled) return false;
    const timer = new Cancel();
    let isRoom = false;
    const wake = () => {
      isRoom = true;
      timer.cancel();
    };
    const waiting = { holders, wake };
    this.#waiting.add(waiting);
    cancel.onCancel = () => timer.cancel();
    await waitUntil(untilMs, this.#now, timer);
    cancel.onCancel = undefined;
    this.#waiting.delete(waiting);
    return isRoom && !cancel.isCancelled;
  }

  /** Something was settled, or a budget changed. */
  look(): void {
    if (this.#waiting.size === 0) return;
    this.#isDue = true;
    if (!this.#isLooking) void this.#lookInTurn();
  }

  async #lookInTurn(): Promise<void> {
    this.#isLooking = true;
    while (this.#isDue) {
      this.#isDue = false;
      // Whoever is added on the way, also who was woken in vain, is looked at the next time.
      for (const each of [...this.#waiting]) {
        if (!this.#waiting.has(each) || this.#isHeldUp(each)) continue;
        this.#waiting.delete(each);
        each.wake();
        // It takes what it wants before the next one is looked at.
        await nextTurn();
      }
    }
    this.#isLooking = false;
  }

  /** What cannot be told now is for the request to find out. */
  #isHeldUp({ holders }: Waiting): boolean {
    try {
      return holders.every((holder) => this.#isBusy(holder));
    } catch (error) {
      if (!isMoltbotError(error)) throw error;
      return false;
    }
  }
}
