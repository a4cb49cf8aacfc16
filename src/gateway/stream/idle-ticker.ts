import type { Clock } from '../../core/time.ts';

/** `nowMs` is monotonic (`performance.now()`): a laptop that slept must not make every open stream look silent. */
export type Tick = (nowMs: number) => void;

/** One interval for all open answers; it ends a second after the last of them, and never keeps the process alive. */
export class IdleTicker {
  readonly #intervalMs: number;
  readonly #clock: Clock;
  readonly #ticks = new Set<Tick>();
  #interval: NodeJS.Timeout | undefined;

  constructor(intervalMs = 1_000, clock: Clock = () => performance.now()) {
    this.#intervalMs = intervalMs;
    this.#clock = clock;
  }

  /** The clock that everything fed into a stream goes by. */
  now(): number {
    return this.#clock();
  }

  /** Calls `tick` about every second until it is removed. */
  add(tick: Tick): void {
    this.#ticks.add(tick);
    this.#interval ??= setInterval(() => this.#tickAll(), this.#intervalMs).unref();
  }

  remove(tick: Tick): void {
    this.#ticks.delete(tick);
  }

  #tickAll(): void {
    // Looked at here and not with each removal: most answers are short, and the next one is near.
    if (this.#ticks.size === 0) {
      clearInterval(this.#interval);
      this.#interval = undefined;
    }
    const nowMs = this.#clock();
    // A tick may remove itself or others; a Set can be walked meanwhile.
    for (const tick of this.#ticks) tick(nowMs);
  }
}
