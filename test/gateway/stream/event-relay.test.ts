import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import type { BreakCause } from '../../../src/gateway/stream/break-cause.ts';
import { EventRelay, type RelayVerdict } from '../../../src/gateway/stream/event-relay.ts';
import { Redactor } from '../../../src/gateway/stream/redactor.ts';
import type { WireFormat } from '../../../src/providers/provider.ts';
import { ANSWERS, cutAt, FORMATS } from './streams.ts';

const KEY = `sk-ant-sim-${'k'.repeat(24)}`;

function relayOf(format: WireFormat): EventRelay {
  return new EventRelay({
    format,
    redactor: new Redactor([new Secret(KEY)]),
    provider: 'anthropic',
    requestId: 'mbr_1',
    nowMs: 0,
    keepAliveAfterMs: 15_000,
    silenceMs: 300_000,
    meter: undefined,
    isUsageOurs: false,
  });
}

/** Everything the client gets when `text` arrives and upstream then ends in an orderly way (or by `cause`). */
function relayed(format: WireFormat, text: string, cause?: BreakCause): { sent: string; verdict: RelayVerdict } {
  const relay = relayOf(format);
  const parts = [relay.push(Buffer.from(text), 0), cause ? relay.break(cause) : relay.end()];
  return { sent: parts.map((part) => part?.toString() ?? '').join(''), verdict: relay.verdict };
}

function errorOf(format: WireFormat, sentence: string, sequenceNumber = 0, code = 'upstream_broken'): string {
  const message = `${sentence} (mbr_1)`;
  if (format === 'openai-chat') {
    return `data: ${JSON.stringify({ error: { message, type: 'server_error', param: null, code } })}\n\n`;
  }
  const body =
    format === 'anthropic-messages'
      ? { type: 'error', error: { type: 'api_error', message } }
      : { type: 'error', code: 'server_error', message, param: null, sequence_number: sequenceNumber };
  return `event: error\ndata: ${JSON.stringify(body)}\n\n`;
}

const CUT = 'anthropic ended the stream before the answer was complete.';
const GARBAGE = 'anthropic sent something that is not part of an answer.';

describe('a complete stream', () => {
  it.each(FORMATS)('passes byte for byte (%s)', (format) => {
    const text = ANSWERS[format].join('');
    expect(relayed(format, text)).toEqual({ sent: text, verdict: 'complete' });
  });

  it('passes byte for byte however it is split', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FORMATS),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat()),
        (format, eol, cuts) => {
          const text = ANSWERS[format].join('').replaceAll('\n', eol);
          const relay = relayOf(format);
          const parts = cutAt(Buffer.from(text), cuts).map((chunk) => relay.push(chunk, 0) ?? Buffer.alloc(0));
          const last = relay.end() ?? Buffer.alloc(0);
          expect(Buffer.concat([...parts, last]).toString()).toBe(text);
          expect(relay.verdict).toBe('complete');
        },
      ),
    );
  });

  it.each(['response.incomplete', 'response.failed'])('may end with %s', (type) => {
    const text = `event: ${type}\ndata: {"type":"${type}","sequence_number":1,"response":{}}\n\n`;
    expect(relayed('openai-responses', text)).toEqual({ sent: text, verdict: 'complete' });
  });

  it('may end after a finish_reason without [DONE], also with a usage chunk behind it', () => {
    const usage = 'data: {"id":"c1","choices":[],"usage":{"total_tokens":9}}\n\n';
    for (const text of [
      ANSWERS['openai-chat'].slice(0, 2).join(''),
      ANSWERS['openai-chat'].slice(0, 2).join('') + usage,
    ]) {
      expect(relayed('openai-chat', text)).toEqual({ sent: text, verdict: 'complete' });
    }
  });

  it('may leave out the blank line after its last event', () => {
    for (const format of FORMATS) {
      const text = ANSWERS[format].join('').slice(0, -1);
      expect(relayed(format, text)).toEqual({ sent: text, verdict: 'complete' });
    }
  });

  it('stays complete when the connection is reset, cut or silent after its terminal event', () => {
    for (const format of FORMATS) {
      const text = ANSWERS[format].join('');
      for (const cause of ['reset', 'silent', 'revoked', 'stopping'] as const) {
        expect(relayed(format, text, cause)).toEqual({ sent: text, verdict: 'complete' });
      }
      expect(relayed(format, `${text}data: {"half`)).toEqual({ sent: text, verdict: 'complete' });
    }
  });

  it('passes what a provider sends behind its terminal event, whatever it is', () => {
    for (const format of FORMATS) {
      const text = `${ANSWERS[format].join('')}data: oops\n\ndata: {"more":1}\n\n`;
      expect(relayed(format, text)).toEqual({ sent: text, verdict: 'complete' });
    }
  });

  it('passes comments, pings without data and unknown events', () => {
    const text = `: PROCESSING\n\nevent: ping\ndata:\n\nevent: new_thing\ndata: {"type":"new_thing"}\n\n${ANSWERS['anthropic-messages'].join('')}`;
    expect(relayed('anthropic-messages', text)).toEqual({ sent: text, verdict: 'complete' });
  });
});

describe('a broken stream', () => {
  it.each(FORMATS)('ends in the error of its dialect after every whole event it was cut at (%s)', (format) => {
    const events = ANSWERS[format];
    // A chat stream whose finish_reason has passed may end.
    const cuttable = format === 'openai-chat' ? 1 : events.length - 1;
    for (let count = 0; count <= cuttable; count++) {
      const text = events.slice(0, count).join('');
      const expected = { sent: text + errorOf(format, CUT, count), verdict: 'truncated' };
      expect(relayed(format, text)).toEqual(expected);
      expect(relayed(format, `${text}${events[count]!.slice(0, -12)}`)).toEqual(expected);
    }
  });

  it.each(FORMATS)(
    'ends in an error at garbage, after the events before it and without those behind it (%s)',
    (format) => {
      const [first, ...rest] = ANSWERS[format];
      for (const garbage of ['oops', '[1]', '"text"', '{"a":', '{oops}', 'null']) {
        expect(relayed(format, `${first}data: ${garbage}\n\n${rest.join('')}`)).toEqual({
          sent: first + errorOf(format, GARBAGE, 1),
          verdict: 'garbage',
        });
      }
    },
  );

  it.each([
    ['reset', 'The connection to anthropic broke before the answer was complete.', 'upstream_broken'],
    ['silent', 'anthropic sent nothing for 5 min.', 'upstream_silent'],
    ['undecodable', 'anthropic sent a compressed stream that cannot be decoded.', 'upstream_broken'],
    ['stopping', 'The gateway is stopping; the answer could not be finished.', 'draining'],
    ['revoked', 'The access token of this request was revoked.', 'token_revoked'],
    ['expired', 'The access token of this request expired too long ago to go on.', 'token_expired'],
  ] as const)('says what happened: %s', (cause, sentence, code) => {
    for (const format of FORMATS) {
      const first = ANSWERS[format][0]!;
      expect(relayed(format, first, cause)).toEqual({
        sent: first + errorOf(format, sentence, 1, code),
        verdict: cause,
      });
    }
  });

  it('is broken when a chat stream is reset after its finish_reason, or one of two choices is unfinished', () => {
    const finished = ANSWERS['openai-chat'].slice(0, 2).join('');
    expect(relayed('openai-chat', finished, 'reset').verdict).toBe('reset');
    const second = 'data: {"id":"c1","choices":[{"index":1,"delta":{"content":"Yo"},"finish_reason":null}]}\n\n';
    expect(relayed('openai-chat', second + finished).verdict).toBe('truncated');
    expect(relayed('openai-chat', `${finished}data: {"choices":[{"in`).verdict).toBe('truncated');
  });

  it('is broken when an event outgrows the limit', () => {
    const relay = relayOf('openai-chat');
    const chunk = Buffer.alloc(8 * 1024 * 1024, 'x');
    const sent = [1, 2, 3, 4, 5].map(() => relay.push(chunk, 0)?.toString());
    const error = errorOf('openai-chat', 'anthropic sent an event that is too large.');
    expect([...sent, relay.verdict]).toEqual([undefined, undefined, undefined, undefined, error, 'oversized']);
  });

  it('gets nothing more after its error', () => {
    const relay = relayOf('anthropic-messages');
    relay.break('revoked');
    const rest = Buffer.from(ANSWERS['anthropic-messages'].join(''));
    expect([relay.push(rest, 0), relay.tick(1e9), relay.end(), relay.break('reset'), relay.verdict]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      'revoked',
    ]);
  });

  it.each([
    [
      'anthropic-messages',
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"x"}}\n\n',
    ],
    [
      'openai-responses',
      'event: error\ndata: {"type":"error","code":"server_error","message":"x","sequence_number":3}\n\n',
    ],
    ['openai-chat', 'data: {"error":{"message":"x","type":"server_error"}}\n\n'],
    ['openai-chat', 'data: {"code":"overloaded","error":"x"}\n\n'],
  ] as const)("lets the provider's own error be the only one (%s, %s)", (format, error) => {
    const text = ANSWERS[format][0] + error;
    for (const cause of [undefined, 'reset', 'silent'] as const) {
      expect(relayed(format, text, cause)).toEqual({ sent: text, verdict: 'upstream_error' });
    }
  });

  it('takes an error of null in a chat chunk for no error', () => {
    const text = ANSWERS['openai-chat'].join('').replaceAll('"id":"c1"', '"id":"c1","error":null');
    expect(relayed('openai-chat', text)).toEqual({ sent: text, verdict: 'complete' });
  });

  it('never crashes and never ends cleanly on random bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.constantFrom('data: ', 'event: ', '{', '}', '[DONE', '\n', '\r', '"type":', 'x'))
        .map((parts) => new TextEncoder().encode(parts.join(''))),
    );
    fc.assert(
      fc.property(fc.constantFrom(...FORMATS), fc.array(bytes, { maxLength: 8 }), (format, chunks) => {
        const relay = relayOf(format);
        for (const chunk of chunks) relay.push(Buffer.from(chunk), 0);
        relay.end();
        expect(['truncated', 'garbage']).toContain(relay.verdict);
      }),
    );
  });
});

describe('an idle stream', () => {
  const delta = Buffer.from(ANSWERS['anthropic-messages'][0]!);

  it('gets a keep-alive after 15 s without an event, and again after the next 15 s', () => {
    const relay = relayOf('anthropic-messages');
    relay.push(delta, 1_000);
    const ping = 'event: ping\ndata: {"type": "ping"}\n\n';
    expect([15_999, 16_000, 17_000, 31_000].map((nowMs) => relay.tick(nowMs)?.toString())).toEqual([
      undefined,
      ping,
      undefined,
      ping,
    ]);
  });

  it('gets its keep-alive between events, while the beginning of the next one is held', () => {
    const relay = relayOf('openai-chat');
    const [first, second] = ANSWERS['openai-chat'];
    const parts = [
      relay.push(Buffer.from(first + second!.slice(0, 20)), 0),
      relay.tick(20_000),
      relay.push(Buffer.from(second!.slice(20)), 21_000),
    ];
    expect(parts.map((part) => part?.toString())).toEqual([first, ': keep-alive\n\n', second]);
  });

  it('is broken when upstream sends no byte for the limit, whatever we sent meanwhile', () => {
    const relay = relayOf('anthropic-messages');
    relay.push(delta, 0);
    for (let nowMs = 1_000; nowMs < 300_000; nowMs += 1_000) relay.tick(nowMs);
    expect(relay.isOver).toBe(false);
    expect(relay.tick(300_000)?.toString()).toBe(errorOf('anthropic-messages', 'anthropic sent nothing for 5 min.'));
    expect(relay.verdict).toBe('silent');
  });

  it("is kept open by the provider's own pings", () => {
    const relay = relayOf('anthropic-messages');
    const ping = Buffer.from(ANSWERS['anthropic-messages'][1]!);
    for (let nowMs = 0; nowMs < 900_000; nowMs += 10_000) {
      relay.push(ping, nowMs);
      expect(relay.tick(nowMs + 1_000)).toBeUndefined();
    }
    expect(relay.isOver).toBe(false);
  });

  it('is not called silent while the client does not read', () => {
    const relay = relayOf('anthropic-messages');
    relay.hold();
    expect(relay.tick(400_000)).toBeUndefined();
    relay.release(400_000);
    expect([relay.tick(401_000), relay.isOver]).toEqual([undefined, false]);
    expect(relay.tick(700_000)).toBeDefined();
    expect(relay.verdict).toBe('silent');
  });

  it('ends complete when only the connection stays open after the terminal event', () => {
    const relay = relayOf('openai-chat');
    relay.push(Buffer.from(ANSWERS['openai-chat'].join('')), 0);
    expect([relay.tick(100_000), relay.tick(300_000), relay.verdict]).toEqual([undefined, undefined, 'complete']);
  });
});

describe('an echoed credential', () => {
  it('is taken out of events, wherever the chunks are cut', () => {
    const [start, ...rest] = ANSWERS['anthropic-messages'];
    const echo = (text: string) =>
      `event: content_block_delta\ndata: {"type":"content_block_delta","delta":"${text}"}\n\n`;
    const bytes = Buffer.from(start + echo(`a ${KEY} b ${KEY}`) + rest.join(''));
    for (let place = 0; place <= bytes.length; place++) {
      const relay = relayOf('anthropic-messages');
      const sent = cutAt(bytes, [place]).map((chunk) => relay.push(chunk, 0)?.toString() ?? '');
      expect(sent.join('')).toBe(start + echo('a [redacted by moltbot] b [redacted by moltbot]') + rest.join(''));
    }
  });
});
