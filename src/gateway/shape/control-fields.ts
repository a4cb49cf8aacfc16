import { MoltbotError } from '../../core/errors.ts';
import { type KeyPlace, membersAt, type Span, skipSpace } from './json-scan.ts';

/** The top-level fields the gateway reads or decides by. Two of one name are refused: parsers disagree which one wins. */
// biome-ignore format: a list reads better in lines
const CONTROL_FIELDS = new Set([
  'model', 'stream', 'stream_options', 'messages', 'system', 'tools', 'input', 'metadata', 'cache_control',
  'max_tokens', 'max_output_tokens', 'max_completion_tokens', 'n', 'temperature', 'top_p', 'top_k', 'thinking',
  'reasoning', 'reasoning_effort', 'prompt_cache_key', 'previous_response_id', 'conversation', 'container', 'file_id',
  'input_file_id', 'store', 'background', 'service_tier', 'requests', 'params', 'models', 'fallbacks',
  'fallback_models', 'fallback_model', 'instructions', 'prompt', 'thread', 'audio', 'modalities', 'prediction',
  'search_parameters', 'web_search_options', 'context_management', 'compaction', 'mcp_servers', 'inference_geo',
  'speed', 'deferred',
]);

/** No client sends near this many; without a limit one body could hold the process for a second. */
const MOST_MEMBERS = 1000;
/** What needs no folding. Others do: some servers match field names without regard to case, so `Model` is a model too. */
const PLAIN_KEY = /^[a-z0-9_]*$/;
/** The longest control field with every character written as `\uXXXX`. */
const LONGEST_KEY = 140;

/** A JSON object body whose control fields are known to be unambiguous. */
export interface ControlFields {
  /** Where each control field's value stands. */
  readonly fields: ReadonlyMap<string, Span>;
  /** Just after the `{`: where a member can be put in. */
  readonly insertAt: number;
  readonly isEmpty: boolean;
  /** False when a control field is spelt in other letter case: the gateway does not read it, some servers do. */
  readonly isPlain: boolean;
  /** Deeper strings that may be keys of interest; a key spelt with escapes is not among them. */
  readonly places: readonly KeyPlace[];
}

/**
 * The control fields of a body, or undefined when it is not one well-formed JSON object: then nothing is known of it
 * and nothing in it is changed; the provider answers. @throws DUPLICATE_FIELDS for two of one name, also when one is
 * spelt with escapes or other letter case; BAD_REQUEST for more than 1,000 top-level fields.
 */
export function readControlFields(body: Buffer): ControlFields | undefined {
  const open = skipSpace(body, body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0);
  const places: KeyPlace[] = [];
  const object = body[open] === 0x7b ? membersAt(body, open, places) : undefined;
  if (!object || skipSpace(body, object.end) !== body.length) return undefined;
  if (object.members.length > MOST_MEMBERS) throw tooManyFields();
  const fields = new Map<string, Span>();
  const folded = new Set<string>();
  let isPlain = true;
  for (const { key, value } of object.members) {
    const name = keyText(body, key);
    if (name === undefined) continue;
    const plain = PLAIN_KEY.test(name) ? name : name.normalize('NFKC').toLowerCase();
    if (!CONTROL_FIELDS.has(plain)) continue;
    if (folded.has(plain)) throw duplicateField(plain);
    folded.add(plain);
    if (name === plain) fields.set(name, value);
    else isPlain = false;
  }
  return { fields, insertAt: open + 1, isEmpty: object.members.length === 0, isPlain, places };
}

/** A key with its escapes undone; undefined when it is too long to matter or no JSON string. */
function keyText(body: Buffer, key: Span): string | undefined {
  if (key.end - key.start > LONGEST_KEY) return undefined;
  const text = body.toString('utf8', key.start, key.end);
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    // No JSON string: no parser reads a control field from it.
    return undefined;
  }
}

function duplicateField(name: string): MoltbotError {
  return new MoltbotError('DUPLICATE_FIELDS', `The body has the field "${name}" more than once.`, {
    hint: `Send "${name}" once, in lower case.`,
  });
}

function tooManyFields(): MoltbotError {
  return new MoltbotError('BAD_REQUEST', `The body has more than ${MOST_MEMBERS} top-level fields.`, {
    hint: "Send one request object of the provider's API.",
  });
}
