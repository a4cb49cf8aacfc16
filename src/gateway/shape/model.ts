import type { RequestFacts } from './request-facts.ts';
import type { Splice } from './splice.ts';

/** The splice that writes the wire id over what the client sent (an alias, `default`, a catalog spelling). */
export function modelSplices(facts: RequestFacts, wireModel: string | undefined): Splice[] {
  const span = facts.control?.fields.get('model');
  if (!span || wireModel === undefined || facts.model === undefined || facts.model === wireModel) return [];
  return [{ start: span.start, end: span.end, text: JSON.stringify(wireModel) }];
}
