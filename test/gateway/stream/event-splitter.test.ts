import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventSplitter } from '../../../src/gateway/stream/event-splitter.ts';
import { ANSWERS, cutAt, FORMATS } from './streams.ts';

function eventsOf(splitter: EventSplitter, chunk: Buffer): string[] {
  const whole = splitter.push(chunk);
  let start = 0;
  return splitter.ends.map((end) => {
    const event = whole!.toString('utf8', start, end);
    start = end;
    return event;
  });
}

describe('EventSplitter', () => {
  it.each([
    ['LF', 'data: a\n\ndata: b\n\n', ['data: a\n\n', 'data: b\n\n']],
    ['CR LF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['data: a\r\n\r\n', 'data: b\r\n\r\n']],
    ['CR', 'data: a\r\rdata: b\r\r', ['data: a\r\r', 'data: b\r\r']],
    ['LF then CR LF', 'data: a\n\r\ndata: b\n\r\n', ['data: a\n\r\n', 'data: b\n\r\n']],
    ['CR LF then LF', 'data: a\r\n\ndata: b\r\n\n', ['data: a\r\n\n', 'data: b\r\n\n']],
    ['several lines in an event', 'event: x\nid: 1\ndata: a\n\n', ['event: x\nid: 1\ndata: a\n\n']],
    ['a comment', ': hello\n\ndata: a\n\n', [': hello\n\n', 'data: a\n\n']],
    ['a byte order mark', '\ufeffdata: a\n\n', ['\ufeffdata: a\n\n']],
    ['blank lines before the first event', '\n\ndata: a\n\n', ['\n', '\n', 'data: a\n\n']],
  ])('cuts events that end in %s', (_name, text, expected) => {
    const splitter = new EventSplitter();
    expect(eventsOf(splitter, Buffer.from(text))).toEqual(expected);
    expect(splitter.takeTail().toString()).toBe('');
  });

  it('holds an unfinished event until its blank line', () => {
    const splitter = new EventSplitter();
    expect(splitter.push(Buffer.from('data: a\n\ndata: b'))?.toString()).toBe('data: a\n\n');
    expect(splitter.push(Buffer.from('cd\n'))).toBeUndefined();
    expect(splitter.push(Buffer.from('\ndata: e'))?.toString()).toBe('data: bcd\n\n');
    expect(splitter.takeTail().toString()).toBe('data: e');
  });

  it('lets an event leave at its CR without waiting for a LF that may not come', () => {
    const splitter = new EventSplitter();
    expect(splitter.push(Buffer.from('data: a\r\n\r'))?.toString()).toBe('data: a\r\n\r');
    expect(splitter.push(Buffer.from('\ndata: b\r\n\r\n'))?.toString()).toBe('\ndata: b\r\n\r\n');
    expect(splitter.takeTail().toString()).toBe('');
  });

  it('passes whole events on without copying them', () => {
    const chunk = Buffer.from('data: a\n\ndata: b\n\ndata');
    const whole = new EventSplitter().push(chunk)!;
    expect([whole.buffer === chunk.buffer, whole.byteOffset - chunk.byteOffset, whole.length]).toEqual([true, 0, 18]);
  });

  it('does not touch bytes it has handed out', () => {
    const splitter = new EventSplitter();
    splitter.push(Buffer.from('data: first'));
    const first = splitter.push(Buffer.from('\n\n'))!;
    splitter.push(Buffer.from('data: second, which is longer\n'));
    splitter.push(Buffer.from('\n'));
    expect(first.toString()).toBe('data: first\n\n');
  });

  it('says so when an event outgrows the limit, and holds no more than the limit', () => {
    const splitter = new EventSplitter(20);
    expect(splitter.push(Buffer.from('data: a\n\ndata: 123456789012345'))?.toString()).toBe('data: a\n\n');
    expect(splitter.isOversized).toBe(true);
    splitter.push(Buffer.alloc(1000, 'x'));
    expect(splitter.takeTail().length).toBeLessThanOrEqual(20);
  });

  it('takes a megabyte that comes in single bytes in one go', () => {
    const splitter = new EventSplitter();
    const chunk = Buffer.from('x');
    for (let sent = 0; sent < 1024 * 1024; sent++) splitter.push(chunk);
    splitter.push(Buffer.from('\n'));
    expect(splitter.push(Buffer.from('\n'))?.length).toBe(1024 * 1024 + 2);
  });

  it('cuts the same events from a stream split at every byte', () => {
    for (const format of FORMATS) {
      const bytes = Buffer.from(ANSWERS[format].join(''));
      for (let place = 0; place <= bytes.length; place++) {
        const splitter = new EventSplitter();
        const events = cutAt(bytes, [place]).flatMap((chunk) => eventsOf(splitter, chunk));
        expect(events).toEqual(ANSWERS[format]);
      }
    }
  });

  it('gives back every byte of any text, however it is split', () => {
    const line = fc.constantFrom(
      'data: a',
      'event: b',
      ': c',
      'ü',
      '',
      '\n',
      '\r',
      '\r\n',
      '\n\n',
      '\r\n\r\n',
      '\ufeff',
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.array(fc.nat(), { maxLength: 20 }), (lines, places) => {
        const bytes = Buffer.from(lines.join(''));
        const splitter = new EventSplitter();
        const parts = cutAt(bytes, places).map((chunk) => splitter.push(chunk) ?? Buffer.alloc(0));
        expect(Buffer.concat([...parts, splitter.takeTail()]).toString()).toBe(bytes.toString());
      }),
    );
  });

  it('finds the same events wherever it is split', () => {
    const piece = fc.constantFrom('a', '\n', '\r');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 10 }), (pieces, places) => {
        const bytes = Buffer.from(pieces.join(''));
        const once = new EventSplitter();
        const expected = eventsOf(once, bytes);
        const split = new EventSplitter();
        const events = cutAt(bytes, places).flatMap((chunk) => eventsOf(split, chunk));
        // The LF of a CR LF may come by itself; as text and as events that say something both are the same.
        expect(events.join('')).toBe(expected.join(''));
        const saying = (all: string[]) => all.map((event) => event.replace(/[\r\n]+/g, '|')).filter((t) => t !== '|');
        expect(saying(events).map(trimmed)).toEqual(saying(expected).map(trimmed));
        expect(split.takeTail().toString()).toBe(once.takeTail().toString());
      }),
      { numRuns: 1000 },
    );
  });
});

/** A LF that came late stands before its next event. */
function trimmed(event: string): string {
  return event.replace(/^\|/, '');
}
