import { type Answer, type Exchange, type Grammar, jsonAnswer } from './answer.ts';
import { deltasOf, textOf, tokensOf } from './answer-text.ts';
import { refuseMessages } from './anthropic-validate.ts';
import { cacheMarksOf } from './cache-marks.ts';
import { anthropicError } from './errors.ts';
import { namedEvent, STREAM_HEADERS } from './sse.ts';

type Block = Record<string, unknown> & { type: string };

/** `POST /v1/messages`: whole or streamed, as the request asks. */
export function answerMessages(exchange: Exchange): Answer {
  const refusal = refuseMessages(exchange, true);
  if (refusal) return refusal;
  const message = messageOf(exchange);
  if (exchange.json!.stream !== true) return jsonAnswer(200, message);
  return { headers: STREAM_HEADERS, frames: messageFrames(exchange, message), grammar: anthropicGrammar };
}

export function answerCountTokens(exchange: Exchange): Answer {
  return refuseMessages(exchange, false) ?? jsonAnswer(200, { input_tokens: tokensOf(exchange.body.length) });
}

function messageOf(exchange: Exchange) {
  const { settings, received, book } = exchange;
  const content: Block[] = [];
  if (settings.thinking !== undefined) {
    content.push({ type: 'thinking', thinking: settings.thinking, signature: 'c2ltdWxhdGVk' });
  }
  content.push({ type: 'text', text: deltasOf(settings).join('') });
  if (settings.toolUse) content.push({ type: 'tool_use', id: book.nextId('toolu_'), ...settings.toolUse });
  return {
    id: book.nextId('msg_'),
    type: 'message',
    role: 'assistant',
    model: received.model,
    content,
    stop_reason: settings.stopReason ?? (settings.toolUse ? 'tool_use' : 'end_turn'),
    stop_sequence: null,
    usage: { ...usageOf(exchange), ...settings.usage },
  };
}

/** Marked requests are billed as cache writes, split by lifetime; the figures add up as the provider's do. */
function usageOf(exchange: Exchange) {
  const input = tokensOf(exchange.body.length);
  const marks = cacheMarksOf(exchange.json!);
  const written = marks.length === 0 ? 0 : Math.floor(input / 2);
  const longLived = marks.some((mark) => mark.ttl === '1h') ? written : 0;
  return {
    input_tokens: input - written,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: written - longLived, ephemeral_1h_input_tokens: longLived },
    output_tokens: tokensOf(textOf(exchange.settings).length),
    server_tool_use: null,
    service_tier: 'standard',
    inference_geo: 'not_available',
  };
}

function messageFrames(exchange: Exchange, message: ReturnType<typeof messageOf>): string[] {
  const usage: Record<string, unknown> = message.usage;
  const start = { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
  const frames = [namedEvent('message_start', { message: start }), anthropicGrammar.ping];
  message.content.forEach((block, index) => {
    frames.push(...blockFrames(exchange, block, index));
  });
  const { stop_reason, stop_sequence } = message;
  frames.push(namedEvent('message_delta', { delta: { stop_reason, stop_sequence }, usage: cumulative(usage) }));
  frames.push(namedEvent('message_stop', {}));
  return frames;
}

/** The figures of `message_delta` are cumulative and have no split by lifetime and no tier. */
function cumulative(usage: Record<string, unknown>) {
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens, server_tool_use } = usage;
  return { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens, server_tool_use };
}

function blockFrames(exchange: Exchange, block: Block, index: number): string[] {
  const { start, deltas } = blockParts(exchange, block);
  return [
    namedEvent('content_block_start', { index, content_block: start }),
    ...deltas.map((delta) => namedEvent('content_block_delta', { index, delta })),
    namedEvent('content_block_stop', { index }),
  ];
}

function blockParts(exchange: Exchange, block: Block): { start: object; deltas: object[] } {
  switch (block.type) {
    case 'thinking':
      return {
        start: { type: 'thinking', thinking: '', signature: '' },
        deltas: [
          { type: 'thinking_delta', thinking: block.thinking },
          { type: 'signature_delta', signature: block.signature },
        ],
      };
    case 'tool_use':
      return { start: { ...block, input: {} }, deltas: inputDeltas(block.input) };
    default:
      return {
        start: { type: 'text', text: '' },
        deltas: deltasOf(exchange.settings).map((text) => ({ type: 'text_delta', text })),
      };
  }
}

/** The input's JSON comes in pieces that are not JSON by themselves. */
function inputDeltas(input: unknown): object[] {
  const pieces = JSON.stringify(input).match(/.{1,12}/gsu) ?? [];
  return ['', ...pieces].map((partial_json) => ({ type: 'input_json_delta', partial_json }));
}

const anthropicGrammar: Grammar = {
  ping: namedEvent('ping', {}),
  garbage: 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"ty<<garbage>>\n\n',
  delta: (text) => namedEvent('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  error: (name, message, requestId) =>
    `event: error\ndata: ${JSON.stringify(anthropicError(name, requestId, { message }))}\n\n`,
};
