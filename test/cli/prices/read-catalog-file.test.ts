import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileModel } from '../../../src/catalog/catalog-file.ts';
import { SHIPPED } from '../../../src/catalog/shipped.ts';
import { readCatalogFile } from '../../../src/cli/prices/read-catalog-file.ts';
import { isMoltbotError } from '../../../src/core/errors.ts';
import { NEXT } from '../../catalog/sample-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'moltbot-prices-'));
const path = join(directory, 'prices.json5');
afterAll(() => rmSync(directory, { recursive: true }));

function read(text: string | Buffer): unknown {
  writeFileSync(path, text);
  try {
    return readCatalogFile(path);
  } catch (error) {
    if (!isMoltbotError(error)) throw error;
    return `${error.code} ${error.message.replace(path, 'F')}`;
  }
}

const model = (changes: object) => JSON.stringify({ asOf: '2026-12-01', models: [{ ...NEXT, ...changes }] });
const price = (...figures: object[]) =>
  model({ prices: figures.map((each) => ({ inputUsdPerMillion: 1, outputUsdPerMillion: 2, ...each })) });
const two = (changes: object) => JSON.stringify({ asOf: '2026-12', models: [NEXT, { ...NEXT, ...changes }] });
const haiku = fileModel(SHIPPED.find('anthropic', 'claude-haiku-4-5')!);

describe('a file with models and prices', () => {
  it('is read in JSON5, and as the present catalog is written', () => {
    expect(read(`// mine\n{ asOf: '2026-12-01', models: [${JSON.stringify(NEXT)},], }`)).toEqual({
      asOf: '2026-12-01',
      models: [NEXT],
    });
    const present = { asOf: '2026-11', models: SHIPPED.models.map(fileModel) };
    expect(read(JSON.stringify(present))).toEqual(present);
  });

  const P = 'models[0].prices[0]';
  it.each([
    ['nothing', '', 'F:1:1: the file ends too early'],
    ['a list', '[]', 'F:1:1: asOf: this key is missing'],
    ['half a file', '{ asOf: "2026-12', 'F:1:17: the file ends too early'],
    ['no day', model({}).replace('2026-12-01', '2026-02-30'), 'asOf: expected a day or a month such as "2026-11-21"'],
    ['no models', '{ asOf: "2026-12", models: [] }', 'models: expected at least one item'],
    ['another key', model({ cost: 1 }), 'models[0].cost: unknown key'],
    ['no name', model({ id: undefined }), 'models[0].id: this key is missing'],
    ['an id with a space', model({ id: 'claude next' }), 'models[0].id: expected lower-case letters, digits'],
    ['a name that moves the cursor', model({ displayName: 'a\u001b[2J' }), 'models[0].displayName: expected 1 to 200'],
    ['no price', model({ prices: [] }), 'models[0].prices: expected at least one item'],
    ['half a price', model({ prices: [{ inputUsdPerMillion: 1 }] }), `${P}.outputUsdPerMillion: this key is missing`],
    ['a negative price', price({ inputUsdPerMillion: -1 }), `${P}.inputUsdPerMillion: expected at least 0`],
    ['a price in words', price({ inputUsdPerMillion: '1' }), `${P}.inputUsdPerMillion: expected a number`],
    [
      'parts of a nano-dollar',
      price({ inputUsdPerMillion: 0.0005 }),
      `${P}.inputUsdPerMillion: expected a figure with`,
    ],
    ['more than a dollar a token', price({ outputUsdPerMillion: 1e9 }), `${P}.outputUsdPerMillion: expected at most`],
    ['NaN', price({}).replace(':1,', ':NaN,'), `${P}.inputUsdPerMillion: expected a number`],
    ['no end', price({}).replace(':1,', ':Infinity,'), `${P}.inputUsdPerMillion: expected a number`],
    ['a number beyond numbers', price({}).replace(':1,', ':1e999,'), `${P}.inputUsdPerMillion: expected at most`],
    [
      'a prototype',
      price({}).replace('"inputUsd', '"__proto__":{"speed":"fast"},"inputUsd'),
      `${P}.__proto__: this name`,
    ],
    [
      'a price twice',
      price({}).replace('"inputUsd', '"inputUsdPerMillion":5,"inputUsd'),
      `${P}.inputUsdPerMillion: this key is here twice`,
    ],
    [
      'days in no order',
      price({ from: '2026-12-02', until: '2026-12-01' }),
      `${P}.until: expected a day that is not before`,
    ],
    ['sizes in no order', price({ minPromptTokens: 9, maxPromptTokens: 8 }), `${P}.maxPromptTokens: expected a number`],
    [
      'two prices for one answer',
      price({ until: '2026-12-09' }, { from: '2026-12-09' }),
      'models[0].prices[1]: holds for answers that models[0].prices[0]',
    ],
    ['a model twice', two({}), 'models[1].id: is a name of anthropic/claude-next-9 already'],
    [
      'a spelling twice',
      two({ id: 'other', wireId: 'other' }),
      'models[1].aliases[0]: is a name of anthropic/claude-next-9',
    ],
    [
      'the name of a shipped model',
      model({ aliases: ['claude-opus-5-5'] }),
      'models[0].aliases[0]: is a name of anthropic/claude-opus-5-5',
    ],
    [
      '… with a day behind it',
      model({ aliases: ['claude-opus-5-5-20260901'] }),
      'models[0].aliases[0]: is a name of anthropic/claude-opus-5-5',
    ],
    [
      'another model behind a shipped name',
      JSON.stringify({ asOf: '2026-12', models: [{ ...haiku, wireId: 'claude-next-9' }] }),
      'models[0].wireId: is not what the provider calls',
    ],
    ['brackets without end', `${'['.repeat(400_000)}`, 'F:1:11: too many brackets'],
    ['objects without end', `${'{"a":'.repeat(100_000)}`, 'too many brackets'],
  ])('is refused for %s, by its first mistake', (_, text, message) => {
    expect(read(text)).toContain('INVALID_FIELDS F:');
    expect(read(text)).toContain(message);
  });

  it.each([
    ['bytes that are no text', Buffer.from([0x7b, 0xff, 0x7d]), 'F is not UTF-8 text.'],
    ['a megabyte and more', ' '.repeat(1024 * 1024 + 1), 'F is larger than 1 MB.'],
  ])('is refused for %s', (_, bytes, message) => {
    expect(read(bytes)).toBe(`USAGE ${message}`);
  });

  it.each([
    ['a directory', directory, 'is not a plain file.'],
    ['a pipe, which would be waited for', join(directory, 'pipe'), 'is not a plain file.'],
    ['nothing', join(directory, 'nothing'), 'is not there.'],
  ])('cannot be %s', (_, place, message) => {
    if (place.endsWith('pipe')) execFileSync('mkfifo', [place]);
    expect(() => readCatalogFile(place)).toThrow(message);
  });
});
