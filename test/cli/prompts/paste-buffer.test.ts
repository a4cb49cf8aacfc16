import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PasteBuffer, type PasteStep } from '../../../src/cli/prompts/paste-buffer.ts';

function feed(...chunks: string[]): { text: string; step: PasteStep } {
  const buffer = new PasteBuffer();
  let step: PasteStep = 'more';
  for (const chunk of chunks) step = buffer.feed(chunk);
  return { text: buffer.text, step };
}

const START = '\x1b[200~';
const END = '\x1b[201~';

describe('PasteBuffer', () => {
  it('takes typed characters until Enter', () => {
    expect(feed('a', 'b', '\r')).toEqual({ text: 'ab', step: 'done' });
  });

  it('keeps the line breaks of a marked paste and waits for Enter', () => {
    expect(feed(`${START}one\rtwo\r${END}`)).toEqual({ text: 'one\ntwo\n', step: 'more' });
    expect(feed(`${START}one\rtwo${END}`, '\r')).toEqual({ text: 'one\ntwo', step: 'done' });
  });

  it('takes a line break with more behind it for one inside an unmarked paste', () => {
    expect(feed('one\rtwo\r')).toEqual({ text: 'one\ntwo', step: 'done' });
  });

  it.each([
    ['Ctrl-C', '\x03', 'interrupted'],
    ['Ctrl-D', '\x04', 'ended'],
  ] as const)('ends at %s', (_, key, step) => {
    expect(feed('ab', key).step).toBe(step);
  });

  it('deletes with backspace and clears with Ctrl-U', () => {
    expect(feed('abc', '\x7f', '\b', 'd').text).toBe('ad');
    expect(feed('abc', '\x15', 'd').text).toBe('d');
  });

  it('ignores arrow keys, function keys and other control characters', () => {
    expect(feed('a\x1b[A\x1b[1;5C\x1bOPb\x00\x14c').text).toBe('abc');
  });

  it('gives the same text wherever a marked paste is cut into chunks', () => {
    const whole = `x${START}sk-ant\r\nsim${END}y\x1b[Cz`;
    const expected = feed(whole).text;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: whole.length })), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), whole.length];
        const chunks = places.slice(1).map((place, index) => whole.slice(places[index], place));
        // A break with nothing behind it in its chunk is Enter only outside the marks, and there is none there.
        expect(feed(...chunks.filter((chunk) => chunk !== '')).text).toBe(expected);
      }),
    );
  });
});
