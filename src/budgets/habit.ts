/** What one answered request took. */
export interface Taken {
  readonly nanoUsd: number;
  readonly tokens: number;
}

/** How many requests are remembered, and how many it takes to speak of a habit. */
const MOST_KEPT = 200;
const FEWEST_KNOWN = 20;
const USUAL_SHARE = 0.95;

/** What the newest requests of one kind took. Figures are kept in order, because every request asks for what is usual. */
export class Habit {
  readonly #newestLast: Taken[] = [];
  readonly #nanoUsd: number[] = [];
  readonly #tokens: number[] = [];

  add(taken: Taken): void {
    this.#newestLast.push(taken);
    insert(this.#nanoUsd, taken.nanoUsd);
    insert(this.#tokens, taken.tokens);
    if (this.#newestLast.length <= MOST_KEPT) return;
    const oldest = this.#newestLast.shift()!;
    this.#nanoUsd.splice(placeOf(this.#nanoUsd, oldest.nanoUsd), 1);
    this.#tokens.splice(placeOf(this.#tokens, oldest.tokens), 1);
  }

  /** The 95th percentile of each; undefined while there are too few. */
  get usual(): Taken | undefined {
    const known = this.#newestLast.length;
    if (known < FEWEST_KNOWN) return undefined;
    const at = Math.ceil(known * USUAL_SHARE) - 1;
    return { nanoUsd: this.#nanoUsd[at]!, tokens: this.#tokens[at]! };
  }
}

function insert(ordered: number[], figure: number): void {
  ordered.splice(placeOf(ordered, figure), 0, figure);
}

/** The first place whose figure is not smaller. */
function placeOf(ordered: readonly number[], figure: number): number {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ordered[middle]! < figure) low = middle + 1;
    else high = middle;
  }
  return low;
}
