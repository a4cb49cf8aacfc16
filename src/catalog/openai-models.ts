import type { CatalogEntry } from './catalog-model.ts';

/** Prices only: no source we trust gives limits, so none are stated. All of it is unconfirmed. */
export const openaiModels: readonly CatalogEntry[] = [
  model('gpt-6.1-sol', 'GPT-6.1 Sol', 2_000, 10_000, 100),
  model('gpt-6-sol', 'GPT-6 Sol', 2_000, 10_000, 200),
  model('gpt-6-luna', 'GPT-6 Luna', 100, 500, 10),
  model('gpt-5.4', 'GPT-5.4', 2_500, 15_000, 250),
  model('gpt-5.4-mini', 'GPT-5.4 mini', 750, 4_500, 75),
  model('gpt-5.1', 'GPT-5.1', 1_250, 10_000, 125),
  model('gpt-5', 'GPT-5', 1_250, 10_000, 125),
];

function model(
  id: string,
  displayName: string,
  inputNanoUsd: number,
  outputNanoUsd: number,
  cacheReadNanoUsd: number,
): CatalogEntry {
  return {
    provider: 'openai',
    id,
    wireId: id,
    aliases: id.includes('.') ? [id.replace('.', '-')] : [],
    dated: [],
    displayName,
    contextTokens: undefined,
    maxOutputTokens: undefined,
    vision: undefined,
    // Half the price in a batch.
    prices: [{ inputNanoUsd, outputNanoUsd, cacheReadNanoUsd, batchPerMille: 500 }],
    source: 'price tables of third parties',
    asOf: '2026-11',
    confidence: 'secondary',
  };
}
