import { networkOf } from '../../core/network-of.ts';

const WINDOW_MS = 10_000;
const FAILURES_ALLOWED = 50;
const ADDRESSES_KEPT = 10_000;

/**
 * Throttles guessing, by address. Only failed authentications are counted and only failed ones are refused: a guesser on
 * the same machine never locks out a good token.
 */
export class FailedLogins {
  readonly #allowed: number;
  readonly #windowMs: number;
  readonly #failures = new Map<string, { count: number; sinceMs: number }>();

  constructor(allowed = FAILURES_ALLOWED, windowMs = WINDOW_MS) {
    this.#allowed = allowed;
    this.#windowMs = windowMs;
  }

  /** Whether the next failure would be one too many: for what costs too much to look at it then. */
  isAtLimit(address: string, nowMs: number): boolean {
    const known = this.#failures.get(networkOf(address));
    return known !== undefined && this.#isInWindow(known.sinceMs, nowMs) && known.count >= this.#allowed;
  }

  /** Counts one failure; true when this address has had too many in the window. */
  add(address: string, nowMs: number): boolean {
    const network = networkOf(address);
    const known = this.#failures.get(network);
    if (!known || !this.#isInWindow(known.sinceMs, nowMs)) {
      this.#failures.delete(network);
      this.#failures.set(network, { count: 1, sinceMs: nowMs });
      if (this.#failures.size > ADDRESSES_KEPT) this.#failures.delete(this.#failures.keys().next().value!);
      return false;
    }
    known.count += 1;
    return known.count > this.#allowed;
  }

  /** A clock that was set back begins a new window. */
  #isInWindow(sinceMs: number, nowMs: number): boolean {
    return nowMs >= sinceMs && nowMs - sinceMs < this.#windowMs;
  }
}
