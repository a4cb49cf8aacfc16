import { type Span, skipValue } from './json-scan.ts';
import { membersByKey, walkArray, walkObject } from './json-walk.ts';
import { parsedAt } from './parsed-at.ts';
import { type ProviderTools, withTool } from './provider-tools.ts';

/** What stands in a prompt beside text. */
export interface PromptBlocks {
  /** As of `PromptSize`. */
  images: number;
  documents: number;
  /** Bytes of images in the body itself, which are not text. */
  imageBytes: number;
  hasAudio: boolean;
  /** Those that a conversation adds on the way among them. */
  tools: ProviderTools;
  /** How many were read. */
  blocks: number;
}

export function noBlocks(): PromptBlocks {
  const tools = { described: 0, lookups: [], unbounded: undefined };
  return { images: 0, documents: 0, imageBytes: 0, hasAudio: false, tools, blocks: 0 };
}

/**
 * Blocks that are no more than their text in the body: of Messages, of chat, and items of Responses. A type that is not
 * here or below may stand for anything, and counts as a document.
 */
// biome-ignore format: a list reads better in lines
const TEXT = new Set([
  'text', 'thinking', 'redacted_thinking', 'tool_use', 'server_tool_use', 'mcp_tool_use', 'tool_reference',
  'tool_removal', 'search_result', 'web_search_tool_result', 'code_execution_tool_result', 'compaction', 'fallback',
  'bash_code_execution_tool_result', 'text_editor_code_execution_tool_result', 'tool_search_tool_result',
  'refusal',
  'input_text', 'output_text', 'summary_text', 'reasoning_text', 'function_call', 'custom_tool_call', 'computer_call',
  'local_shell_call', 'local_shell_call_output', 'shell_call', 'shell_call_output', 'apply_patch_call',
  'apply_patch_call_output', 'mcp_call', 'mcp_list_tools', 'mcp_approval_request', 'mcp_approval_response',
]);
/** Blocks whose `content` or `output` is a text or a list of blocks. */
// biome-ignore format: a list reads better in lines
const HOLDERS = new Set([
  'tool_result', 'mcp_tool_result', 'message', 'function_call_output', 'custom_tool_call_output',
  'computer_call_output',
]);
const IMAGES_BY_URL = new Set(['image_url', 'input_image', 'computer_screenshot']);
/** OpenAI's `original` detail, which `auto`, the default, may choose: 10,000 patches (unconfirmed) of 2.46 tokens. */
const ORDINARY_IMAGES_IN_ORIGINAL = 5;
const ORDINARY_DETAILS = ['low', 'high'];

/** A message, a tool's result, a document's content, and one level to spare. What is deeper, or more, is no prompt. */
const DEEPEST = 4;
const MOST_BLOCKS = 50_000;

/** Adds what the messages, items or blocks at an offset hold; the offset after them, or undefined: not well formed. */
export function addBlocks(seen: PromptBlocks, body: Buffer, at: number, depth = 0): number | undefined {
  if (body[at] === 0x7b) return addBlock(seen, body, at, depth);
  if (body[at] !== 0x5b) return skipValue(body, at);
  return walkArray(body, at, (each) => addBlock(seen, body, each, depth) ?? body.length + 1);
}

function addBlock(seen: PromptBlocks, body: Buffer, at: number, depth: number): number | undefined {
  if (body[at] !== 0x7b) return skipValue(body, at);
  if (depth > DEEPEST || ++seen.blocks > MOST_BLOCKS) {
    seen.documents = 1;
    return skipValue(body, at);
  }
  const before = { ...seen };
  const fields = new Map<string, Span>();
  let isAmbiguous = false;
  const end = walkObject(body, at, (key, start) => {
    const holds = key === 'content' || key === 'output';
    const after = holds ? addBlocks(seen, body, start, depth + 1) : skipValue(body, start);
    if (after === undefined) return body.length + 1;
    isAmbiguous ||= fields.has(key);
    fields.set(key, { start, end: after });
    return after;
  });
  const type = isAmbiguous ? undefined : typeOf(body, fields);
  // Only of some blocks is the content for the model to read as blocks.
  if (typeof type !== 'string' || !HOLDERS.has(type)) Object.assign(seen, before, { blocks: seen.blocks });
  judge(seen, body, type, fields);
  return end;
}

/** A message needs no type: its role says what it is. */
function typeOf(body: Buffer, fields: ReadonlyMap<string, Span>): unknown {
  const type = fields.has('type') ? parsedAt(body, fields.get('type')) : undefined;
  if (!fields.has('role')) return type;
  return type === undefined || type === 'message' ? 'message' : undefined;
}

function judge(seen: PromptBlocks, body: Buffer, type: unknown, fields: ReadonlyMap<string, Span>): void {
  if (typeof type !== 'string') seen.documents += 1;
  // A message that is an earlier, spoken answer.
  else if (HOLDERS.has(type)) seen.hasAudio ||= isSet(body, fields.get('audio'));
  else if (type === 'image') addImage(seen, body, fields.get('source'));
  else if (IMAGES_BY_URL.has(type)) addImageUrl(seen, body, fields);
  else if (type === 'document') addDocument(seen, body, fields.get('source'));
  else if (type === 'input_audio') seen.hasAudio = true;
  else if (type === 'tool_addition') addTool(seen, body, fields.get('tool'));
  else if (type === 'reasoning') seen.documents += isSet(body, fields.get('encrypted_content')) ? 0 : 1;
  else if (!TEXT.has(type)) seen.documents += 1;
}

/** Of Messages. */
function addImage(seen: PromptBlocks, body: Buffer, source: Span | undefined): void {
  seen.images += 1;
  const members = source && membersByKey(body, source.start);
  if (!members || parsedAt(body, members.get('type')) !== 'base64') return;
  const data = members.get('data');
  if (data && body[data.start] === 0x22) seen.imageBytes += data.end - data.start - 2;
}

/** Of chat (`image_url` is an object with `url` and `detail`) and of Responses (they stand in the block itself). */
function addImageUrl(seen: PromptBlocks, body: Buffer, fields: ReadonlyMap<string, Span>): void {
  const place = fields.get('image_url');
  const members = place && body[place.start] === 0x7b ? membersByKey(body, place.start) : undefined;
  const detail = members?.get('detail') ?? fields.get('detail');
  const isOrdinary = ORDINARY_DETAILS.includes(parsedAt(body, detail) as string);
  seen.images += isOrdinary ? 1 : ORDINARY_IMAGES_IN_ORIGINAL;
  const url = members ? members.get('url') : place;
  const scheme = url && body.toString('latin1', url.start + 1, url.start + 12);
  if (scheme === 'data:image/') seen.imageBytes += url!.end - url!.start - 2;
  // Some servers take documents and films by the same name.
  else if (scheme?.startsWith('data:')) seen.documents += 1;
}

/** A text, or blocks, as the body has them; anything else has an unknown number of pages. */
function addDocument(seen: PromptBlocks, body: Buffer, source: Span | undefined): void {
  const members = source && membersByKey(body, source.start);
  const type = members && parsedAt(body, members.get('type'));
  const content = type === 'content' ? members?.get('content') : undefined;
  if (content) addBlocks(seen, body, content.start, DEEPEST);
  else if (type !== 'text') seen.documents += 1;
}

/** A tool that is named was defined, and read, before. */
function addTool(seen: PromptBlocks, body: Buffer, tool: Span | undefined): void {
  const members = tool && membersByKey(body, tool.start);
  const definition = members?.get('definition');
  if (definition) seen.tools = withTool(seen.tools, body, definition.start);
  else if (!members || parsedAt(body, members.get('type')) !== 'tool_reference') seen.documents += 1;
}

function isSet(body: Buffer, span: Span | undefined): boolean {
  return span !== undefined && body[span.start] !== 0x6e;
}
