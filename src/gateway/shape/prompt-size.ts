import { EMPTY_PROMPT, type PromptSize } from '../../budgets/prompt-size.ts';
import { countIn } from '../../ledger/usage/json-fields.ts';
import type { Route } from '../../providers/provider.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import { headersOf, listOf } from '../headers/raw-headers.ts';
import type { ControlFields } from './control-fields.ts';
import { walkArray } from './json-walk.ts';
import { outputBoundOf } from './output-bound.ts';
import { parsedAt } from './parsed-at.ts';
import { addBlocks, noBlocks, type PromptBlocks } from './prompt-blocks.ts';
import { withTool } from './provider-tools.ts';

type Asked = Pick<ProxyRequest, 'body' | 'facts' | 'route' | 'rawHeaders'>;

/** How the betas begin that open a longer context. */
export const LONG_CONTEXT_BETA = 'context-1m';

/** Where prompts stand; what else a body has is text. */
const PROMPT_FIELDS = ['system', 'messages', 'input', 'instructions'];
/** What is kept at the provider and becomes part of the prompt there. */
const STORED_PROMPTS = ['previous_response_id', 'conversation', 'prompt', 'thread'];
const OTHER_MODELS = ['models', 'fallbacks', 'fallback_models', 'fallback_model'];

/**
 * What a hard budget must know of a request that generates or embeds, read in one more pass over its body (measured: 0.4
 * ms for 5 MB that are an image, 1 ms for 1 MB of conversation). `body` and `facts` belong together: of a compressed
 * body nothing is known unless both are of a decoded copy. `maxOutputTokens` is the client's: settings may change it, see
 * `outputBoundOf`.
 */
export function promptSizeOf({ body, facts, route, rawHeaders }: Asked): PromptSize {
  const { control } = facts;
  if (!control) return { ...EMPTY_PROMPT, textBytes: body.length, unbounded: 'its body cannot be read' };
  const read = (name: string): unknown => parsedAt(body, control.fields.get(name));
  const blocks = route.purpose === 'embeddings' ? noBlocks() : blocksOf(body, control);
  const stored = STORED_PROMPTS.filter((name) => isSet(body, control, name)).length;
  // None at all is what a provider refuses; if it does not, it may mean anything.
  const answers = countIn(read('n') ?? 1) || undefined;
  return {
    ...EMPTY_PROMPT,
    textBytes: body.length - (blocks?.imageBytes ?? 0),
    images: blocks?.images ?? 0,
    documents: (blocks?.documents ?? 0) + stored,
    answers: route.purpose === 'embeddings' ? 0 : (answers ?? 1),
    maxOutputTokens: outputBoundOf(body, facts, {}, route.format).tokens,
    providerTools: blocks?.tools.described ?? 0,
    lookups: blocks?.tools.lookups ?? [],
    asksLongContext: listOf(headersOf(rawHeaders, 'anthropic-beta')).some((beta) => beta.startsWith(LONG_CONTEXT_BETA)),
    serviceTier: wordOf(read('service_tier')),
    inferenceGeo: wordOf(read('inference_geo')),
    speed: wordOf(read('speed')),
    isBackground: read('background') === true || read('deferred') === true,
    unbounded: blocks ? unboundedBy(body, control, route, blocks, answers) : 'its body cannot be read',
  };
}

/** Undefined when something in it is not well formed. */
function blocksOf(body: Buffer, { fields }: ControlFields): PromptBlocks | undefined {
  const seen = noBlocks();
  const isRead = PROMPT_FIELDS.every((name) => {
    const span = fields.get(name);
    return !span || addBlocks(seen, body, span.start) !== undefined;
  });
  const tools = fields.get('tools');
  if (!tools || body[tools.start] === 0x6e) return isRead ? seen : undefined;
  const end = walkArray(body, tools.start, (at) => {
    seen.tools = withTool(seen.tools, body, at);
    return undefined;
  });
  return isRead && end !== undefined ? seen : undefined;
}

/** What no figure in the body limits, the first that is found. */
function unboundedBy(
  body: Buffer,
  control: ControlFields,
  { purpose, format }: Route,
  { hasAudio, tools }: PromptBlocks,
  answers: number | undefined,
): string | undefined {
  const has = (name: string) => isSet(body, control, name);
  if (format === undefined && purpose !== 'embeddings') return 'nothing is known of what its route charges for';
  if (!control.isPlain) return 'a field of its body is not in lower case';
  if (answers === undefined) return 'the number of answers it asks for cannot be read';
  if (OTHER_MODELS.some(has)) return 'it names further models that may answer';
  if (hasAudio || has('audio') || isSpoken(body, control)) return 'spoken words have other prices than written ones';
  if (has('prediction')) return 'a predicted answer is charged beside the answer';
  if (isSearching(body, control) || has('web_search_options')) return 'it lets the provider search without a limit';
  if (has('mcp_servers')) return 'it lets the provider ask servers of tools without a limit';
  if (has('compaction') || isCompacting(body, control)) return 'it lets the provider sum the conversation up';
  return tools.unbounded;
}

function isSpoken(body: Buffer, { fields }: ControlFields): boolean {
  const span = fields.get('modalities');
  const modalities = parsedAt(body, span) ?? [];
  return span !== undefined && !(Array.isArray(modalities) && modalities.every((each) => each === 'text'));
}

/** xAI's live search. */
function isSearching(body: Buffer, control: ControlFields): boolean {
  const value = parsedAt(body, control.fields.get('search_parameters'));
  const isOff = typeof value === 'object' && value !== null && 'mode' in value && value.mode === 'off';
  return isSet(body, control, 'search_parameters') && !isOff;
}

/** Edits that only clear cost nothing. */
function isCompacting(body: Buffer, { fields }: ControlFields): boolean {
  const span = fields.get('context_management');
  return span !== undefined && /compact|\\/.test(body.toString('latin1', span.start, span.end));
}

function isSet(body: Buffer, { fields }: ControlFields, name: string): boolean {
  const span = fields.get(name);
  return span !== undefined && body[span.start] !== 0x6e && parsedAt(body, span) !== '' && !isEmptyList(body, span);
}

function isEmptyList(body: Buffer, { start, end }: { start: number; end: number }): boolean {
  return body[start] === 0x5b && body.toString('latin1', start + 1, end - 1).trim() === '';
}

function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
