import { describe, expect, it } from 'vitest';
import { type CatalogFile, fileModel } from '../../src/catalog/catalog-file.ts';
import { catalogWith, NOTHING_LOADED, storedWith } from '../../src/catalog/loaded-catalog.ts';
import { SHIPPED } from '../../src/catalog/shipped.ts';
import { NEXT } from './sample-file.ts';

const haiku = fileModel(SHIPPED.find('anthropic', 'claude-haiku-4-5')!);
const dearer = { ...haiku, prices: [{ inputUsdPerMillion: 1.5, outputUsdPerMillion: 6, batchFactor: 0.5 }] };
const file = (...models: CatalogFile['models']): CatalogFile => ({ asOf: '2026-12-01', models });
const load = (given: CatalogFile, before = NOTHING_LOADED) => storedWith(given, before, 1);
const versionOf = (stored: typeof NOTHING_LOADED, id: string) =>
  catalogWith(stored).find('anthropic', id)!.prices[0]!.version;

describe('a loaded catalog', () => {
  it('stands in place of the shipped models it names, beside the others, and brings new ones with all their spellings', () => {
    const catalog = catalogWith(load(file(dearer, NEXT)));
    expect(catalog.models.map(({ id }) => id)).toEqual([...SHIPPED.models.map(({ id }) => id), 'claude-next-9']);
    expect(catalog.find('anthropic', 'claude-haiku-4.5')).toMatchObject({
      id: 'claude-haiku-4-5',
      dated: ['claude-haiku-4-5-20251001'],
      asOf: '2026-12-01',
      origin: 'loaded',
      prices: [{ inputNanoUsd: 1_500, outputNanoUsd: 6_000, batchPerMille: 500 }],
    });
    expect(catalog.find('anthropic', 'claude-next-9-20261201')).toEqual({
      provider: 'anthropic',
      id: 'claude-next-9',
      wireId: 'claude-next-9',
      aliases: ['claude-next', 'claude-next-9-20261201'],
      dated: ['claude-next-9-20261201'],
      displayName: 'Claude Next 9',
      contextTokens: 1_000_000,
      maxOutputTokens: undefined,
      vision: undefined,
      prices: [
        {
          inputNanoUsd: 2_125,
          outputNanoUsd: 7_000,
          version: expect.stringMatching(/^2026-12-01\/anthropic\/claude-next-9\/[0-9a-f]{12}$/),
        },
      ],
      source: 'the pricing page',
      asOf: '2026-12-01',
      confidence: 'primary',
      origin: 'loaded',
    });
    expect(catalog.find('openai', 'gpt-5')).toBe(SHIPPED.find('openai', 'gpt-5'));
  });

  it('is the shipped one where it says the same: every figure and every version', () => {
    const all = { asOf: '2026-11', models: SHIPPED.models.map(fileModel) };
    const shown = SHIPPED.models.map((model) => ({ ...model, origin: 'loaded' }));
    expect(catalogWith(load(all)).models).toEqual(shown);
  });

  it('keeps the version of figures that stay as they are, and gives changed ones another', () => {
    const first = load(file(dearer));
    const second = load({ asOf: '2027-01-01', models: [dearer, NEXT] }, first);
    expect(versionOf(second, 'claude-haiku-4-5')).toBe(versionOf(first, 'claude-haiku-4-5'));
    const third = load({ asOf: '2027-01-01', models: [haiku] }, second);
    expect(versionOf(third, 'claude-haiku-4-5')).toBe('2026-11/anthropic/claude-haiku-4-5/1');
  });

  it('leaves every price that ever was in force known by its version', () => {
    const first = load(file(dearer));
    const shipped = '2026-11/anthropic/claude-haiku-4-5/1';
    const second = load(file({ ...haiku, prices: [{ inputUsdPerMillion: 9, outputUsdPerMillion: 9 }] }), first);
    const reset = { ...second, file: null, loadedAtMs: null };
    const inputs = [shipped, versionOf(first, 'claude-haiku-4-5'), versionOf(second, 'claude-haiku-4-5')].map(
      (version) => [first, second, reset].map((at) => catalogWith(at).priceOfVersion(version)?.inputNanoUsd),
    );
    expect(inputs).toEqual([
      [1_000, 1_000, 1_000],
      [1_500, 1_500, 1_500],
      [undefined, 9_000, 9_000],
    ]);
    expect(catalogWith(reset).models).toEqual(SHIPPED.models);
  });
});
