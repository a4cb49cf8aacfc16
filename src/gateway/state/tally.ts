/** One count and what it is of, by label name. */
export interface Counted {
  readonly labels: Readonly<Record<string, string>>;
  readonly count: number;
}

/**
 * Counts by the values of a few labels. The values come from closed sets (provider ids, our own codes and words), never
 * from a client, so it stays small and says nothing about anyone.
 */
export class Tally {
  readonly names: readonly string[];
  readonly #counts = new Map<string, { readonly values: readonly string[]; count: number }>();

  constructor(...names: readonly string[]) {
    this.names = names;
  }

  /** `values` in the order of `names`. */
  add(values: readonly string[], by = 1): void {
    const key = values.join('\n');
    const known = this.#counts.get(key);
    if (known) known.count += by;
    else this.#counts.set(key, { values, count: by });
  }

  list(): Counted[] {
    return [...this.#counts.values()].map(({ values, count }) => ({
      labels: Object.fromEntries(this.names.map((name, at) => [name, values[at]!])),
      count,
    }));
  }
}
