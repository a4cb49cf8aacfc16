/** At most so many at a time. */
const AT_ONCE = 2;
const MOST_WAITING = 50;

/** Work in order, a few at a time, with an end to how much may wait. */
export class Lane {
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #running = new Set<Promise<void>>();

  /** Whether it was taken: not while too much waits. `work` must not fail. */
  push(work: () => Promise<void>): boolean {
    if (this.#waiting.length >= MOST_WAITING) return false;
    this.#waiting.push(work);
    this.#startNext();
    return true;
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Gives how many that waited will not be done. */
  clear(): number {
    return this.#waiting.splice(0).length;
  }

  #startNext(): void {
    while (this.#running.size < AT_ONCE && this.#waiting.length > 0) {
      const run = this.#waiting.shift()!().finally(() => {
        this.#running.delete(run);
        this.#startNext();
      });
      this.#running.add(run);
    }
  }
}
