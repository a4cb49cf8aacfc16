export type Fields = Readonly<Record<string, unknown>>;

/** More tokens than this is no answer of a model: such a figure is not believed. */
const MOST_TOKENS = 1_000_000_000;

/** An object of a foreign answer; empty for anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The object that a line or a body is; undefined for anything else, also for what is no JSON. */
export function parsedFields(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? fieldsOf(value) : undefined;
  } catch {
    // An empty line, a line of events that is no data, or no JSON: nothing is said there.
    return undefined;
  }
}

/** A count as a provider writes it; undefined for null and whatever is no count. */
export function countIn(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MOST_TOKENS
    ? value
    : undefined;
}

/** A short word; undefined for anything else. */
export function wordIn(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.:-]{1,100}$/.test(value) ? value : undefined;
}
