import { describe, expect, it } from 'vitest';
import { jsonSettings } from '../../../src/cli/connect/json-settings.ts';

const EDITS = [
  { path: ['env', 'A'], value: '1' },
  { path: ['helper'], value: 'x' },
];

describe('JSON settings', () => {
  it.each([
    ['', '{\n  "env": { "A": "1" },\n  "helper": "x"\n}\n'],
    ['{}', '{\n  "env": { "A": "1" },\n  "helper": "x"\n}'],
    ['{ "b": [] }', '{ "b": [], "env": { "A": "1" }, "helper": "x" }'],
    ['{\n\t"env": {},\n\t"b": 1\n}\n', '{\n\t"env": { "A": "1" },\n\t"b": 1,\n\t"helper": "x"\n}\n'],
  ])('stays strict JSON: %j', (before, after) => {
    const changed = jsonSettings.change(before, EDITS);
    expect(changed).toBe(after);
    expect(JSON.parse(changed)).toMatchObject({ env: { A: '1' }, helper: 'x' });
  });

  it('keeps comments where there are any', () => {
    expect(jsonSettings.change('{ // why\n}\n', EDITS)).toBe(
      '{\n  "env": { "A": "1" },\n  "helper": "x"\n // why\n}\n',
    );
    expect(jsonSettings.change('{\n  // why\n  "b": 1, // one\n}\n', EDITS)).toBe(
      '{\n  // why\n  "b": 1, // one\n  "env": { "A": "1" },\n  "helper": "x",\n}\n',
    );
  });

  it.each(['[]', '5', 'null', '"x"'])('takes %s for no settings', (text) => {
    expect(() => jsonSettings.read(text)).toThrow('not an object');
  });

  it.each(['{ "env": 5 }', '{ "env": ["A"] }', '{ "env": null }'])(
    'refuses %s, where its keys have no place',
    (text) => {
      expect(() => jsonSettings.change(text, EDITS)).toThrow(
        'These settings cannot be changed safely by a program: env.A, helper.',
      );
    },
  );
});
