import { type ControlFields, readControlFields } from './control-fields.ts';
import { skipSpace } from './json-scan.ts';
import { LONGEST_VALUE, parsedAt } from './parsed-at.ts';

/** What the gateway knows of a request's body: read in one pass, never changed. */
export interface RequestFacts {
  /** Undefined for a body that is not one JSON object (also an empty, compressed or malformed one): it passes as it is. */
  readonly control: ControlFields | undefined;
  readonly model: string | undefined;
  readonly stream: boolean;
  /** The output bound the client set, in tokens, whatever the field's name. */
  readonly maxOutputTokens: number | undefined;
  /** `session_id` of `metadata.user_id`, else `prompt_cache_key`. */
  readonly sessionHint: string | undefined;
  /** Reasoning that only the profile which produced it can read. */
  readonly hasEncryptedReasoning: boolean;
  /** Ids of files, stored responses, containers: each belongs to one profile. At most 64, each once. */
  readonly namedIds: readonly string[];
  readonly thinkingOn: boolean;
  /** `stream_options.include_usage`. */
  readonly includeUsage: boolean;
  /** The answer is made later and fetched: `background` of Responses. */
  readonly background: boolean;
}

const NOTHING: RequestFacts = {
  control: undefined,
  model: undefined,
  stream: false,
  maxOutputTokens: undefined,
  sessionHint: undefined,
  hasEncryptedReasoning: false,
  namedIds: [],
  thinkingOn: false,
  includeUsage: false,
  background: false,
};

const MOST_NAMED_IDS = 64;
const BOUND_FIELDS = ['max_tokens', 'max_completion_tokens', 'max_output_tokens'];
const ID_FIELDS = ['previous_response_id', 'input_file_id', 'file_id', 'conversation', 'container'];

/**
 * The facts of a JSON request body. @throws DUPLICATE_FIELDS, BAD_REQUEST as `readControlFields`; anything else that is
 * wrong with a body is the provider's to say.
 */
export function readFacts(body: Buffer): RequestFacts {
  const control = readControlFields(body);
  if (!control) return NOTHING;
  const read = (name: string): unknown => parsedAt(body, control.fields.get(name));
  const model = read('model');
  return {
    control,
    model: typeof model === 'string' ? model : undefined,
    stream: read('stream') === true,
    maxOutputTokens: largest(BOUND_FIELDS.map(read)),
    sessionHint: sessionIn(read('metadata')) ?? text(read('prompt_cache_key')),
    hasEncryptedReasoning: deepValues(body, control, 'encrypted_content').length > 0,
    namedIds: namedIdsIn(body, control, ID_FIELDS.map(read)),
    thinkingOn: isThinking(read('thinking'), read('reasoning'), read('reasoning_effort')),
    includeUsage: member(read('stream_options'), 'include_usage') === true,
    background: read('background') === true,
  };
}

/** Claude Code: `metadata.user_id` is a JSON text with `session_id`; earlier ones wrote `…_session_<uuid>`. */
function sessionIn(metadata: unknown): string | undefined {
  const userId = member(metadata, 'user_id');
  if (typeof userId !== 'string') return undefined;
  if (!userId.startsWith('{')) return /_session_([\w-]+)$/.exec(userId)?.[1];
  try {
    return text(member(JSON.parse(userId), 'session_id'));
  } catch {
    // Somebody else's user id that begins with a brace.
    return undefined;
  }
}

function isThinking(thinking: unknown, reasoning: unknown, effort: unknown): boolean {
  const type = member(thinking, 'type');
  if (typeof type === 'string') return type !== 'disabled';
  const openai = member(reasoning, 'effort') ?? effort;
  return typeof openai === 'string' && openai !== 'none';
}

function namedIdsIn(body: Buffer, control: ControlFields, topLevel: readonly unknown[]): string[] {
  const ids = new Set<string>();
  for (const value of [...topLevel, ...deepValues(body, control, 'file_id')]) {
    const id = text(value) ?? text(member(value, 'id'));
    if (id !== undefined) ids.add(id);
  }
  for (const list of deepValues(body, control, 'file_ids')) {
    if (Array.isArray(list)) for (const id of list) if (typeof id === 'string') ids.add(id);
  }
  return [...ids].slice(0, MOST_NAMED_IDS);
}

/** The values of a key below the top level that are strings or short arrays; the first 64. */
function deepValues(body: Buffer, control: ControlFields, name: string): unknown[] {
  const found: unknown[] = [];
  for (const place of control.places) {
    if (place.name !== name) continue;
    const colon = skipSpace(body, place.end);
    const value = body[colon] === 0x3a ? shortValueAt(body, skipSpace(body, colon + 1)) : undefined;
    if (value !== undefined && found.push(value) === MOST_NAMED_IDS) break;
  }
  return found;
}

/** A short array, or a string; of a long string (encrypted reasoning) its first bytes. */
function shortValueAt(body: Buffer, at: number): unknown {
  if (body[at] === 0x5b) {
    const length = body.subarray(at, at + LONGEST_VALUE).indexOf(0x5d) + 1;
    return length === 0 ? undefined : parsedAt(body, { start: at, end: at + length });
  }
  if (body[at] !== 0x22) return undefined;
  const end = body.indexOf(0x22, at + 1);
  return end < 0 ? undefined : body.toString('latin1', at + 1, Math.min(end, at + 257));
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function largest(values: readonly unknown[]): number | undefined {
  const numbers = values.filter((value) => typeof value === 'number');
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}
