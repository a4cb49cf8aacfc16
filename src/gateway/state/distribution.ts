/** How often a value fell between two bounds, as Prometheus wants it: `upTo[i]` counts values ≤ `bounds[i]`. */
export interface Spread {
  readonly label: string;
  readonly upTo: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/** Durations by size and by one label from a closed set. */
export class Distribution {
  /** Ascending; in the unit of the values. */
  readonly bounds: readonly number[];
  readonly #byLabel = new Map<string, { readonly buckets: number[]; count: number; sum: number }>();

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
  }

  note(label: string, value: number): void {
    let found = this.#byLabel.get(label);
    if (!found) {
      found = { buckets: this.bounds.map(() => 0), count: 0, sum: 0 };
      this.#byLabel.set(label, found);
    }
    found.count += 1;
    found.sum += value;
    const bucket = this.bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) found.buckets[bucket]! += 1;
  }

  list(): Spread[] {
    return [...this.#byLabel].map(([label, { buckets, count, sum }]) => {
      let below = 0;
      return { label, upTo: buckets.map((inside) => (below += inside)), count, sum };
    });
  }
}
