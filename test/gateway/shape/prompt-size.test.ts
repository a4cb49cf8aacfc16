import { describe, expect, it } from 'vitest';
import type { PromptSize } from '../../../src/budgets/prompt-size.ts';
import { promptSizeOf } from '../../../src/gateway/shape/prompt-size.ts';
import { readFacts } from '../../../src/gateway/shape/request-facts.ts';
import type { Route, WireFormat } from '../../../src/providers/provider.ts';
import { ANTHROPIC_ROUTES, allowedRoutes, OPENAI_ROUTES } from '../../../src/providers/routes.ts';

const route = (format: WireFormat): Route =>
  [...ANTHROPIC_ROUTES, ...OPENAI_ROUTES].find((each) => each.format === format && each.purpose === 'generate')!;
const MESSAGES = route('anthropic-messages');
const CHAT = route('openai-chat');
const RESPONSES = route('openai-responses');

function sizeOf(request: unknown, on = MESSAGES, rawHeaders: string[] = []): PromptSize {
  const body = Buffer.from(typeof request === 'string' ? request : JSON.stringify(request));
  return promptSizeOf({ body, facts: readFacts(body), route: on, rawHeaders });
}

/** Of one user message with that content, the figures that are not those of a plain text. */
function ofContent(content: unknown, on = MESSAGES): Partial<PromptSize> {
  const messages = [{ role: 'user', content }];
  const request = on === RESPONSES ? { input: messages } : { messages };
  const { textBytes: _, ...size } = sizeOf(request, on);
  return different(size);
}

function different({ ...size }: Partial<PromptSize>): Partial<PromptSize> {
  const { textBytes: _, ...plain } = sizeOf({ messages: [] });
  const entries = Object.entries(size).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(plain[name as keyof typeof plain]),
  );
  return Object.fromEntries(entries);
}

const DATA = 'QUJD'.repeat(1_000);
const base64 = { type: 'base64', media_type: 'image/png', data: DATA };
const image = { type: 'image', source: base64 };
const text = { type: 'text', text: 'image' };

describe('the size of a prompt', () => {
  it('is every byte of a body of text, and what the request asks for', () => {
    const request = {
      model: 'claude-opus-5-5',
      max_tokens: 128_000,
      system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }],
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'system', content: [text] },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'n', input: { source: image } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'found' }] },
      ],
      tools: [{ name: 'n', input_schema: {} }, { type: 'custom' }],
      context_management: { edits: [{ type: 'clear_thinking_20251015' }] },
      service_tier: 'standard_only',
      inference_geo: 'us',
      speed: 'fast',
    };
    expect(sizeOf(request, MESSAGES, ['anthropic-beta', 'a, context-1m-2025-08-07'])).toEqual({
      textBytes: JSON.stringify(request).length,
      images: 0,
      documents: 0,
      countedTokens: undefined,
      answers: 1,
      maxOutputTokens: 128_000,
      providerTools: 0,
      lookups: [],
      asksLongContext: true,
      serviceTier: 'standard_only',
      inferenceGeo: 'us',
      speed: 'fast',
      isBackground: false,
      unbounded: undefined,
    });
  });

  it('leaves the data of images out, wherever a block may stand, and of nothing else', () => {
    const result = { type: 'tool_result', content: [image, text] };
    const document = { type: 'document', source: { type: 'content', content: [image, text] } };
    const request = { messages: [{ role: 'user', content: [image, result, document] }] };
    const size = sizeOf(request);
    expect(size).toMatchObject({ images: 3, documents: 0 });
    expect(size.textBytes).toBe(JSON.stringify(request).length - 3 * DATA.length);
    const use = { messages: [{ role: 'assistant', content: [{ type: 'tool_use', input: { content: [image] } }] }] };
    expect(sizeOf(use)).toMatchObject({ images: 0, textBytes: JSON.stringify(use).length });
  });

  it('leaves data URLs out', () => {
    const url = `data:image/png;base64,${DATA}`;
    const chat = { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] };
    expect(sizeOf(chat, CHAT).textBytes).toBe(JSON.stringify(chat).length - url.length);
    const output = [{ type: 'input_image', image_url: url }];
    const responses = { input: [{ type: 'function_call_output', call_id: 'c', output }] };
    const size = sizeOf(responses, RESPONSES);
    expect(size).toMatchObject({ images: 5, textBytes: JSON.stringify(responses).length - url.length });
  });

  it.each([
    ['a text', 'hi', {}],
    ['an image by URL', [{ type: 'image', source: { type: 'url', url: 'https://a' } }], { images: 1 }],
    ['an image by id', [{ type: 'image', source: { type: 'file', file_id: 'f' } }], { images: 1 }],
    ['two images in a result', [{ type: 'tool_result', content: [image, image] }], { images: 2 }],
    ['a PDF', [{ type: 'document', source: base64 }], { documents: 1 }],
    ['a document by URL', [{ type: 'document', source: { type: 'url', url: 'https://a' } }], { documents: 1 }],
    ['a document by id', [{ type: 'document', source: { type: 'file', file_id: 'f' } }], { documents: 1 }],
    ['a document of text', [{ type: 'document', source: { type: 'text', data: 'x' } }], {}],
    ['an upload to a container', [{ type: 'container_upload', file_id: 'f' }], { documents: 1 }],
    ['a fetched page', [{ type: 'web_fetch_tool_result', content: { type: 'web_fetch_result' } }], { documents: 1 }],
    ['search results', [{ type: 'web_search_tool_result', content: [{ type: 'web_search_result' }] }], {}],
    ['a block nobody knows', [{ type: 'hologram', data: 'x' }], { documents: 1 }],
    ['a block without a type', [{ text: 'x' }], { documents: 1 }],
    ['a tool that was named before', [{ type: 'tool_addition', tool: { type: 'tool_reference', name: 't' } }], {}],
    ['a tool of a server', [{ type: 'tool_addition', tool: { type: 'mcp_toolset_reference' } }], { documents: 1 }],
    [
      'a tool that is added on the way',
      [{ type: 'tool_addition', tool: { type: 'tool_definition', definition: { type: 'code_execution_20260521' } } }],
      { providerTools: 1, unbounded: 'the tool code_execution_20260521 runs at the provider without a limit' },
    ],
  ])('of Messages counts %s', (_, content, expected) => {
    expect(ofContent(content)).toEqual(expected);
  });

  it.each([
    ['an image', [{ type: 'image_url', image_url: { url: 'https://a', detail: 'high' } }], { images: 1 }],
    ['an image as it is', [{ type: 'image_url', image_url: { url: 'https://a', detail: 'original' } }], { images: 5 }],
    ['a file', [{ type: 'file', file: { file_id: 'f' } }], { documents: 1 }],
    [
      'a recording',
      [{ type: 'input_audio', input_audio: { data: 'QQ', format: 'wav' } }],
      { unbounded: 'spoken words have other prices than written ones' },
    ],
  ])('of chat counts %s', (_, content, expected) => {
    expect(ofContent(content, CHAT)).toEqual(expected);
  });

  it.each([
    ['an image by id', [{ type: 'input_image', file_id: 'f', detail: 'low' }], { images: 1 }],
    ['an image of any detail', [{ type: 'input_image', file_id: 'f', detail: 'auto' }], { images: 5 }],
    ['a file', [{ type: 'input_file', file_url: 'https://a' }], { documents: 1 }],
    ['text', [{ type: 'input_text', text: 'x' }], {}],
  ])('of Responses counts %s', (_, content, expected) => {
    expect(ofContent(content, RESPONSES)).toEqual(expected);
  });

  it.each([
    ['a text', 'hi', {}],
    ['a call and its output', [{ type: 'function_call' }, { type: 'function_call_output', output: 'x' }], {}],
    [
      'a picture of a screen',
      [{ type: 'computer_call_output', output: { type: 'computer_screenshot', image_url: 'https://a' } }],
      { images: 5 },
    ],
    ['reasoning that is here', [{ type: 'reasoning', encrypted_content: 'x' }], {}],
    ['reasoning that is stored', [{ type: 'reasoning', id: 'r', encrypted_content: null }], { documents: 1 }],
    ['a reference', [{ type: 'item_reference', id: 'i' }], { documents: 1 }],
    ['a reference that looks like a message', [{ type: 'item_reference', role: 'user' }], { documents: 1 }],
  ])('of items of Responses counts %s', (_, input, expected) => {
    expect(different({ ...sizeOf({ input }, RESPONSES), textBytes: 0 })).toEqual({ textBytes: 0, ...expected });
  });

  it.each([
    [{ previous_response_id: 'r' }, { documents: 1 }],
    [{ previous_response_id: null }, {}],
    [{ conversation: { id: 'c' } }, { documents: 1 }],
    [{ prompt: { id: 'p' } }, { documents: 1 }],
    [{ thread: { previous_message_id: 'm' } }, { documents: 1 }],
    [{ background: true }, { isBackground: true }],
    [{ n: 3 }, { answers: 3 }],
    [{ n: '3' }, { unbounded: 'the number of answers it asks for cannot be read' }],
    [{ n: 0 }, { unbounded: 'the number of answers it asks for cannot be read' }],
    [{ fallbacks: [{ model: 'm' }] }, { unbounded: 'it names further models that may answer' }],
    [{ search_parameters: { mode: 'auto' } }, { unbounded: 'it lets the provider search without a limit' }],
    [{ search_parameters: { mode: 'off' } }, {}],
    [{ web_search_options: {} }, { unbounded: 'it lets the provider search without a limit' }],
    [{ modalities: ['text'] }, {}],
    [{ modalities: ['text', 'audio'] }, { unbounded: 'spoken words have other prices than written ones' }],
    [{ prediction: { type: 'content' } }, { unbounded: 'a predicted answer is charged beside the answer' }],
    [{ mcp_servers: [] }, {}],
    [{ mcp_servers: [{}] }, { unbounded: 'it lets the provider ask servers of tools without a limit' }],
    [{ compaction: { type: 'summarize' } }, { unbounded: 'it lets the provider sum the conversation up' }],
    [
      { context_management: { edits: [{ type: 'compact_20260112' }] } },
      { unbounded: 'it lets the provider sum the conversation up' },
    ],
    [{ Model: 'm' }, { unbounded: 'a field of its body is not in lower case' }],
  ])('reads %j', (fields, expected) => {
    const { textBytes: _, ...size } = sizeOf({ messages: [], ...fields }, CHAT);
    expect(different(size)).toEqual(expected);
  });

  it.each([
    [MESSAGES, { max_tokens: 5, max_output_tokens: 9 }, 5],
    [CHAT, { max_tokens: 5, max_completion_tokens: 9 }, 9],
    [RESPONSES, { max_tokens: 5 }, undefined],
    [RESPONSES, { max_output_tokens: 5 }, 5],
    [MESSAGES, { max_tokens: -5 }, undefined],
    [MESSAGES, { max_tokens: 5.5 }, undefined],
    [CHAT, { max_tokens: 5, max_completion_tokens: '9' }, undefined],
  ])('reads the bound in the field of $format', (on, fields, expected) => {
    expect(sizeOf(fields, on).maxOutputTokens).toBe(expected);
  });
});

describe('tools', () => {
  const ofTools = (tools: unknown, on = MESSAGES) => {
    const { textBytes: _, ...size } = sizeOf({ messages: [], tools }, on);
    return different(size);
  };
  const runsOn = (name: string) => `the tool ${name} runs at the provider without a limit`;

  it.each([
    [
      'run by the client are text',
      [
        { type: 'function', name: 'f' },
        { type: 'namespace', tools: [] },
      ],
      {},
    ],
    ['described by the provider are counted', [{ type: 'bash_20250124' }, { type: 'computer_20251124' }], 2],
    ['that search have their uses', [{ type: 'web_search_20250305', max_uses: 3 }], [3, 10_000, true]],
    [
      'that fetch have their uses and sizes',
      [{ type: 'web_fetch_20250910', max_uses: 2, max_content_tokens: 5_000 }],
      [2, 6_000, false],
    ],
    ['that fetch anything', [{ type: 'web_fetch_20250910', max_uses: 2 }], [2, Infinity, false]],
    [
      'used directly only',
      [{ type: 'web_search_20260318', max_uses: 1, allowed_callers: ['direct'] }],
      [1, 10_000, true],
    ],
    ['used from code', [{ type: 'web_search_20260318', max_uses: 1 }], 'web_search_20260318'],
    ['that search for ever', [{ type: 'web_search_20250305' }], 'web_search_20250305'],
    ['that search nearly for ever', [{ type: 'web_search_20250305', max_uses: 1_001 }], 'web_search_20250305'],
    ['of Responses', [{ type: 'web_search' }], 'web_search'],
    ['that run code', [{ type: 'code_interpreter', container: { type: 'auto' } }], 'code_interpreter'],
    ['of unknown type', [{ type: 5 }], 'of unknown type'],
  ])('%s', (_, tools, expected) => {
    if (typeof expected === 'string')
      return expect(ofTools(tools)).toEqual({ providerTools: 1, unbounded: runsOn(expected) });
    if (typeof expected === 'number') return expect(ofTools(tools)).toEqual({ providerTools: expected });
    if (!Array.isArray(expected)) return expect(ofTools(tools)).toEqual(expected);
    const [uses, tokensEach, isPriced] = expected;
    return expect(ofTools(tools)).toEqual({ providerTools: 1, lookups: [{ uses, tokensEach, isPriced }] });
  });

  it('with a key twice, or that are no objects, cannot be read', () => {
    const unbounded = 'a tool of it cannot be read';
    expect(sizeOf('{"tools":[{"type":"web_search_20250305","max_uses":1,"max_uses":99}]}').unbounded).toBe(unbounded);
    expect(sizeOf('{"tools":[5]}').unbounded).toBe(unbounded);
    expect(sizeOf('{"tools":{}}').unbounded).toBe('its body cannot be read');
  });
});

describe('a body made to hold the process', () => {
  it('by its tools is not looked at to the end', () => {
    const tools = new Array(300_000).fill({ type: 'web_search_20250305', max_uses: 1 });
    const startedMs = performance.now();
    expect(sizeOf({ messages: [], tools }).unbounded).toBe('it has too many tools to look at');
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});

describe('a body that hides something', () => {
  it.each([
    ['a key spelt with escapes', '{"messages":[{"role":"user","content":[{"\\u0074ype":"image"}]}]}', { images: 1 }],
    ['a type spelt with escapes', '{"messages":[{"role":"user","content":[{"type":"im\\u0061ge"}]}]}', { images: 1 }],
    ['a type twice', '{"messages":[{"role":"user","content":[{"type":"text","type":"image"}]}]}', { documents: 1 }],
    ['content twice', '{"messages":[{"role":"user","content":"x","content":[{"type":"image"}]}]}', { documents: 1 }],
    ['a message with another type', '{"messages":[{"role":"user","type":"text","content":[]}]}', { documents: 1 }],
    ['nothing behind a comma', '{"messages":[{"role":"user",}]}', { unbounded: 'its body cannot be read' }],
    ['nothing at all', '', { unbounded: 'its body cannot be read' }],
    ['no object', '[{"messages":[]}]', { unbounded: 'its body cannot be read' }],
  ])('by %s counts as more, never as less', (_, body, expected) => {
    const { textBytes, ...size } = sizeOf(body);
    expect(different(size)).toEqual(expected);
    expect(textBytes).toBe(body.length);
  });

  it('in depth or in masses is a document', () => {
    const deep = `${'[{"role":"user","content":'.repeat(50_000)}""${'}]'.repeat(50_000)}`;
    expect(sizeOf(`{"messages":${deep}}`)).toMatchObject({ documents: 1, unbounded: undefined });
    const many = new Array(60_000).fill({ role: 'user', content: '' });
    expect(sizeOf({ messages: many })).toMatchObject({ documents: 1, unbounded: undefined });
  });
});

describe('other routes', () => {
  it('embed without an answer', () => {
    const embeddings = OPENAI_ROUTES.find(({ purpose }) => purpose === 'embeddings')!;
    expect(sizeOf({ input: [{ type: 'x' }] }, embeddings)).toMatchObject({
      answers: 0,
      documents: 0,
      unbounded: undefined,
    });
  });

  it('that a person allowed charge for nobody knows what', () => {
    const [images] = allowedRoutes(['images/generations']);
    expect(sizeOf({ prompt: 'x' }, images).unbounded).toBe('nothing is known of what its route charges for');
  });
});
