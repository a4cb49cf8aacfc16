import { describe, expect, it } from 'vitest';
import { readStreamEvent } from '../../../src/gateway/stream/stream-event.ts';

function read(text: string) {
  const bytes = Buffer.from(text);
  return readStreamEvent(bytes, 0, bytes.length);
}

describe('readStreamEvent', () => {
  it.each([
    ['a named event', 'event: x\ndata: {"a":1}\n\n', { name: 'x', data: { a: 1 } }],
    ['no space after the colon', 'event:x\ndata:{"a":1}\n\n', { name: 'x', data: { a: 1 } }],
    ['CR LF', 'event: x\r\ndata: {"a":1}\r\n\r\n', { name: 'x', data: { a: 1 } }],
    ['CR', 'event: x\rdata: {"a":1}\r\r', { name: 'x', data: { a: 1 } }],
    ['data over several lines', 'data: {\ndata: "a":1\ndata: }\n\n', { name: undefined, data: { a: 1 } }],
    ['a byte order mark', '\ufeffdata: {"a":1}\n\n', { name: undefined, data: { a: 1 } }],
    ['fields it does not know', 'id: 1\nretry: 5\ndatax: 1\ndata: {"a":1}\n\n', { name: undefined, data: { a: 1 } }],
    ['[DONE]', 'data: [DONE]\n\n', { name: undefined, data: 'done' }],
    ['a comment', ': data: x\n\n', { name: undefined, data: 'none' }],
    ['a name without data', 'event: ping\n\n', { name: 'ping', data: 'none' }],
    ['empty data', 'data\ndata:\ndata: \n\n', { name: undefined, data: 'none' }],
    ['an array', 'data: [1]\n\n', { name: undefined, data: 'garbage' }],
    ['a word', 'data: oops\n\n', { name: undefined, data: 'garbage' }],
    ['a number', 'data: 1\n\n', { name: undefined, data: 'garbage' }],
    ['half an object', 'data: {"a":\n\n', { name: undefined, data: 'garbage' }],
    ['braces around nonsense', 'data: {oops}\n\n', { name: undefined, data: 'garbage' }],
    ['two objects', 'data: {"a":1}{"b":2}\n\n', { name: undefined, data: 'garbage' }],
  ])('reads %s', (_name, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it('does not parse an event of many megabytes', () => {
    const large = `event: response.completed\ndata: {"a":"${'x'.repeat(5 * 1024 * 1024)}"}\n\n`;
    expect(read(large)).toEqual({ name: 'response.completed', data: 'large' });
  });
});
