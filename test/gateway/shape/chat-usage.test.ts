import { describe, expect, it } from 'vitest';
import { chatUsageSplice } from '../../../src/gateway/shape/chat-usage.ts';
import { readFacts } from '../../../src/gateway/shape/request-facts.ts';
import { applySplices } from '../../../src/gateway/shape/splice.ts';

function asked(text: string): string {
  const body = Buffer.from(text);
  const splice = chatUsageSplice(body, readFacts(body));
  return applySplices(body, splice ? [splice] : []).toString();
}

describe('asking for the usage of a chat stream', () => {
  it.each([
    ['{"stream":true}', '{"stream_options":{"include_usage":true},"stream":true}'],
    ['{"stream":true, "stream_options":null}', '{"stream":true, "stream_options":{"include_usage":true}}'],
    ['{"stream":true,"stream_options":{}}', '{"stream":true,"stream_options":{"include_usage":true}}'],
    [
      '{"stream_options": {"x":1,"include_usage":false} ,"stream":true}',
      '{"stream_options": {"x":1,"include_usage":true} ,"stream":true}',
    ],
  ])('makes of %s %s', (text, expected) => {
    expect(asked(text)).toBe(expected);
  });

  it.each([
    '{"stream":true,"stream_options":{"include_usage":true}}',
    '{"stream":false}',
    '{"model":"m"}',
    '{"stream":true,"stream_options":[1]}',
    '{"stream":true,"stream_options":7}',
    '{"stream":true,"Stream_Options":{}}',
    'no json',
  ])('leaves %s alone', (text) => {
    expect(asked(text)).toBe(text);
  });
});
