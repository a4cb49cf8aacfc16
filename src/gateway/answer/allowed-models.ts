interface ModelList {
  readonly data: readonly unknown[];
  readonly has_more?: unknown;
}

/**
 * A provider's list of models with those that `mayList` allows, in the provider's own shape. What is no such list stays
 * as it is: this only spares people a choice; what may be asked is decided when it is asked.
 */
export function listAllowed(body: Buffer, mayList: (model: string) => boolean): Buffer {
  const list = parsedList(body);
  if (!list) return body;
  const data = list.data.filter((entry) => {
    const id = idOf(entry);
    return id !== undefined && mayList(id);
  });
  // With more to come, `last_id` is where the next page begins, allowed or not.
  const ends =
    'first_id' in list && list.has_more !== true ? { first_id: idOf(data[0]), last_id: idOf(data.at(-1)) } : {};
  return Buffer.from(JSON.stringify({ ...list, data, ...nulled(ends) }));
}

function parsedList(body: Buffer): ModelList | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const isList = typeof value === 'object' && value !== null && 'data' in value && Array.isArray(value.data);
    return isList ? (value as ModelList) : undefined;
  } catch {
    // Not JSON after all.
    return undefined;
  }
}

function idOf(entry: unknown): string | undefined {
  const id = typeof entry === 'object' && entry !== null && 'id' in entry ? entry.id : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** An empty list has `null` at its ends. */
function nulled(ends: Readonly<Record<string, string | undefined>>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(ends).map(([name, id]) => [name, id ?? null]));
}
