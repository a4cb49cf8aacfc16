import type { RequestFacts } from './request-facts.ts';
import type { Splice } from './splice.ts';

const ASKED = '"stream_options":{"include_usage":true}';

/**
 * The splice that asks for the usage of a chat stream whose client did not: without it the provider says nothing of it.
 * None where the client asked itself, or wrote options we do not understand.
 */
export function chatUsageSplice(body: Buffer, { control, stream, includeUsage }: RequestFacts): Splice | undefined {
  if (!control?.isPlain || !stream || includeUsage) return undefined;
  const place = control.fields.get('stream_options');
  if (!place) return { start: control.insertAt, end: control.insertAt, text: `${ASKED},` };
  const options = optionsIn(body.toString('utf8', place.start, place.end));
  return options && { ...place, text: JSON.stringify({ ...options, include_usage: true }) };
}

/** What the client's options are; empty for null, undefined for what is no object. */
function optionsIn(text: string): object | undefined {
  try {
    const options: unknown = JSON.parse(text);
    return typeof options === 'object' && !Array.isArray(options) ? (options ?? {}) : undefined;
  } catch {
    // Malformed inside: the provider says so.
    return undefined;
  }
}
