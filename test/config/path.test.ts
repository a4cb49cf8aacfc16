import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPath, parsePath, parseValue } from '../../src/config/path.ts';

describe('a config path', () => {
  it.each([
    ['gateway.port', ['gateway', 'port']],
    [
      'agents.defaults.models["anthropic/claude-opus-4-5"].params.cacheControlTtl',
      ['agents', 'defaults', 'models', 'anthropic/claude-opus-4-5', 'params', 'cacheControlTtl'],
    ],
    ["models.providers['my-own'].baseUrl", ['models', 'providers', 'my-own', 'baseUrl']],
    ['agents.list[0].id', ['agents', 'list', '0', 'id']],
    ['env["a\\"b"]', ['env', 'a"b']],
    ['models.providers.my-own', ['models', 'providers', 'my-own']],
  ])('%s leads through its keys', (text, path) => {
    expect(parsePath(text)).toEqual(path);
  });

  it.each(['', '.', 'a..b', 'a.', '.a', 'a[', 'a["b', 'a]', 'a[b]', '[x'])('%j is refused', (text) => {
    expect(() => parsePath(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it('reads back as it was written', () => {
    const key = fc
      .string({ minLength: 1, unit: fc.constantFrom(...'ab0/-_. "\'[]\\') })
      .filter((text) => !/^\d+$/.test(text));
    fc.assert(
      fc.property(fc.array(key, { minLength: 1 }), (path) => {
        expect(parsePath(formatPath(path))).toEqual(path);
      }),
    );
  });
});

describe('a value on the command line', () => {
  it.each<[string, unknown]>([
    ['8400', 8400],
    ['true', true],
    ['null', null],
    ['1h', '1h'],
    ['anthropic/claude-opus-4-5', 'anthropic/claude-opus-4-5'],
    ['"8400"', '8400'],
    ["{ a: ['b',] }", { a: ['b'] }],
    ['', ''],
  ])('%j is JSON5 or a bare word', (text, value) => {
    expect(parseValue(text)).toEqual(value);
  });

  it('is refused when it starts like JSON5 and does not end', () => {
    expect(() => parseValue('["a"')).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});
