import { describe, expect, it } from 'vitest';
import { findUsage } from '../../../src/gateway/stream/find-usage.ts';

const found = (text: string) => findUsage(Buffer.from(text));

describe('the usage in what is too large to parse', () => {
  it('is the last object of that name, however it is spaced', () => {
    expect(found('{"usage":{"a":1},"output":["…"],"usage" : {"input_tokens":5,"d":{"x":1}},"user":null}')).toEqual({
      input_tokens: 5,
      d: { x: 1 },
    });
  });

  it('is not text that looks like one', () => {
    const spoken = JSON.stringify({ usage: { a: 1 }, text: '"usage":{"input_tokens":9}' });
    expect(found(spoken)).toEqual({ a: 1 });
  });

  it.each(['', '{"usage":null}', '{"usage":7}', '{"usage":{"a":', '{"usage"', '{"usage":{a}}'])(
    'is not in %s',
    (text) => {
      expect(found(text)).toBeUndefined();
    },
  );
});
