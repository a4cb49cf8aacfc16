import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { EventRelay } from '../../../src/gateway/stream/event-relay.ts';
import { Redactor } from '../../../src/gateway/stream/redactor.ts';
import { NO_USAGE, type Usage } from '../../../src/ledger/usage/usage.ts';
import { UsageMeter } from '../../../src/ledger/usage/usage-meter.ts';
import type { WireFormat } from '../../../src/providers/provider.ts';
import { cutAt } from './streams.ts';

const EXTRA =
  'data: {"id":"c1","choices":[],"usage":{"prompt_tokens":100,"completion_tokens":5,"total_tokens":105}}\n\n';
const BEFORE =
  'data: {"id":"c1","choices":[{"index":0,"delta":{"content":"Grüße"},"finish_reason":"stop"}],"usage":null}\n\n';
const FILTER = 'data: {"id":"c1","choices":[],"prompt_filter_results":[],"usage":null}\n\n';
const DONE = 'data: [DONE]\n\n';

const STREAMS: [WireFormat, string, Usage][] = [
  [
    'anthropic-messages',
    [
      'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":10,',
      '"cache_creation_input_tokens":50,"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":30},',
      '"output_tokens":1}}}\r\n\r\n',
      'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"type":"text_delta","text":"👋"}}\n\n',
      'event: message_delta\ndata: {"type":"message_delta","delta":{},"usage":{"output_tokens":42}}\n\n',
      'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    ].join(''),
    { ...NO_USAGE, inputTokens: 10, cacheWrite5mTokens: 20, cacheWrite1hTokens: 30, outputTokens: 42 },
  ],
  ['openai-chat', FILTER + BEFORE + EXTRA + DONE, { ...NO_USAGE, inputTokens: 100, outputTokens: 5 }],
  [
    'openai-responses',
    [
      'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"Hi"}\n\n',
      'event: response.completed\ndata: {"type":"response.completed","response":{"usage":{"input_tokens":10,',
      '"input_tokens_details":{"cached_tokens":4},"output_tokens":3,"total_tokens":13}}}\n\n',
    ].join(''),
    { ...NO_USAGE, inputTokens: 6, cacheReadTokens: 4, outputTokens: 3 },
  ],
];

function through(format: WireFormat, pieces: readonly Buffer[], isUsageOurs = false) {
  const meter = new UsageMeter(format, 0);
  const relay = new EventRelay({
    format,
    redactor: new Redactor([new Secret('sk-sim-nothing-to-find-here')]),
    provider: 'p',
    requestId: 'mbr_1',
    nowMs: 0,
    keepAliveAfterMs: 15_000,
    silenceMs: 300_000,
    meter,
    isUsageOurs,
  });
  const parts = [...pieces.map((piece) => relay.push(piece, 0)), relay.end()];
  const sent = Buffer.concat(parts.map((part) => part ?? Buffer.alloc(0))).toString();
  return { sent, usage: meter.reading(true).usage, verdict: relay.verdict };
}

describe('the meter in a stream', () => {
  it.each(STREAMS)('of %s reads the same wherever it is cut, and changes nothing', (format, text, usage) => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 20 }), (places) => {
        expect(through(format, cutAt(Buffer.from(text), places))).toEqual({ sent: text, usage, verdict: 'complete' });
      }),
    );
  });

  it('takes the chunk away that the gateway asked for, wherever it is cut, and no other', () => {
    const [, text, usage] = STREAMS[1]!;
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 20 }), (places) => {
        const sent = FILTER + BEFORE + DONE;
        const result = through('openai-chat', cutAt(Buffer.from(text), places), true);
        expect(result).toEqual({ sent, usage, verdict: 'complete' });
      }),
    );
  });

  it('takes it away also where the stream ends with it, unfinished', () => {
    const text = Buffer.from(BEFORE + EXTRA.trimEnd());
    expect(through('openai-chat', [text], true)).toMatchObject({ sent: BEFORE, verdict: 'complete' });
  });

  it('reads an event that is too large to parse', () => {
    const output = 'x'.repeat(4 * 1024 * 1024);
    const text = `data: {"type":"response.completed","response":{"output":"${output}","usage":{"input_tokens":7,"output_tokens":2}}}\n\n`;
    expect(through('openai-responses', [Buffer.from(text)]).usage).toEqual({
      ...NO_USAGE,
      inputTokens: 7,
      outputTokens: 2,
    });
  });
});
