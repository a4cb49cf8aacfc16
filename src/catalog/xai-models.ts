import type { CatalogEntry } from './catalog-model.ts';

interface Row {
  readonly id: string;
  readonly displayName: string;
  readonly contextTokens: number;
  readonly maxOutputTokens: number | undefined;
  readonly vision: boolean | undefined;
  readonly inputNanoUsd: number;
  readonly outputNanoUsd: number;
  readonly confidence: CatalogEntry['confidence'];
  readonly aliases?: readonly string[];
}

const FAST = { contextTokens: 2_000_000, maxOutputTokens: 30_000, inputNanoUsd: 200, outputNanoUsd: 500 };

/** Prices of cached input are not known here; an answer's own `cost_in_usd_ticks` is better than any table. */
const ROWS: readonly Row[] = [
  {
    id: 'grok-4.7',
    displayName: 'Grok 4.7',
    contextTokens: 500_000,
    maxOutputTokens: undefined,
    vision: undefined,
    inputNanoUsd: 2_000,
    outputNanoUsd: 6_000,
    confidence: 'secondary',
    aliases: ['grok-4-7'],
  },
  {
    id: 'grok-4-1-fast',
    displayName: 'Grok 4.1 Fast',
    ...FAST,
    vision: undefined,
    confidence: 'secondary',
    aliases: ['grok-4.1-fast'],
  },
  { id: 'grok-4-fast', displayName: 'Grok 4 Fast', ...FAST, vision: true, confidence: 'primary' },
  {
    id: 'grok-4-0709',
    displayName: 'Grok 4',
    contextTokens: 256_000,
    maxOutputTokens: 256_000,
    vision: true,
    inputNanoUsd: 3_000,
    outputNanoUsd: 15_000,
    confidence: 'primary',
    aliases: ['grok-4'],
  },
  {
    id: 'grok-code-fast-1',
    displayName: 'Grok Code Fast 1',
    contextTokens: 256_000,
    maxOutputTokens: 10_000,
    vision: false,
    inputNanoUsd: 200,
    outputNanoUsd: 1_500,
    confidence: 'primary',
  },
];

export const xaiModels: readonly CatalogEntry[] = ROWS.map(
  ({ inputNanoUsd, outputNanoUsd, aliases = [], ...row }): CatalogEntry => ({
    provider: 'xai',
    ...row,
    wireId: row.id,
    aliases,
    dated: [],
    prices: [{ inputNanoUsd, outputNanoUsd }],
    source: 'xAI model pages',
    asOf: '2026-11',
  }),
);
