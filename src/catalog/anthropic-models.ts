import type { CatalogEntry } from './catalog-model.ts';
import type { PriceFigures } from './model-price.ts';

const SOURCE = 'Anthropic pricing and model pages, two independent tables agree';

const K128 = { contextTokens: 1_000_000, maxOutputTokens: 128_000 };
const K64 = { contextTokens: 200_000, maxOutputTokens: 64_000 };

const OPUS = price(5_000, 25_000, 500);
const SONNET_4 = price(3_000, 15_000, 300);

export const anthropicModels: readonly CatalogEntry[] = [
  model('claude-fable-5-1', 'Claude Fable 5.1', K128, [price(10_000, 50_000, 250)]),
  model('claude-fable-5', 'Claude Fable 5', K128, [price(10_000, 50_000, 1_000)]),
  model('claude-opus-5-5', 'Claude Opus 5.5', K128, [
    price(4_000, 20_000, 200),
    // No source gives the price of cache reads in fast mode.
    { ...price(8_000, 40_000), speed: 'fast' },
  ]),
  model('claude-opus-5', 'Claude Opus 5', K128, [OPUS]),
  model('claude-opus-4-8', 'Claude Opus 4.8', K128, [OPUS]),
  model('claude-opus-4-7', 'Claude Opus 4.7', K128, [OPUS]),
  model('claude-opus-4-6', 'Claude Opus 4.6', K128, [OPUS]),
  model('claude-opus-4-5', 'Claude Opus 4.5', K64, [OPUS], ['claude-opus-4-5-20251101']),
  model('claude-sonnet-5-5', 'Claude Sonnet 5.5', K128, [
    { ...price(2_000, 10_000, 200), until: '2026-10-06' },
    { ...price(2_000, 10_000, 100), from: '2026-10-07' },
  ]),
  model('claude-sonnet-5', 'Claude Sonnet 5', K128, [price(2_000, 10_000, 200)]),
  model('claude-sonnet-4-6', 'Claude Sonnet 4.6', K64, [SONNET_4]),
  model('claude-sonnet-4-5', 'Claude Sonnet 4.5', K64, [SONNET_4], ['claude-sonnet-4-5-20250929']),
  {
    ...model('claude-sonnet-4-20250514', 'Claude Sonnet 4', K64, [SONNET_4]),
    aliases: ['claude-sonnet-4', 'claude-sonnet-4-0', 'claude-sonnet-4.0'],
  },
  model('claude-haiku-5-5', 'Claude Haiku 5.5', K128, [
    { ...price(100, 500, 10), maxPromptTokens: 100_000 },
    { ...price(500, 2_500, 50), minPromptTokens: 100_001 },
  ]),
  model('claude-haiku-4-5', 'Claude Haiku 4.5', K64, [price(1_000, 5_000, 100)], ['claude-haiku-4-5-20251001']),
];

/**
 * Writes to the cache cost 1.25 (5 minutes) and 2 times the input on every model; reads follow no such rule. A web search
 * costs $10 per thousand, a web fetch nothing beyond its tokens.
 */
function price(inputNanoUsd: number, outputNanoUsd: number, cacheReadNanoUsd?: number): PriceFigures {
  return {
    inputNanoUsd,
    outputNanoUsd,
    ...(cacheReadNanoUsd !== undefined && { cacheReadNanoUsd }),
    cacheWrite5mNanoUsd: inputNanoUsd * 1.25,
    cacheWrite1hNanoUsd: inputNanoUsd * 2,
    webSearchNanoUsd: 10_000_000,
    batchPerMille: 500,
    usInferencePerMille: 1_100,
  };
}

function model(
  id: string,
  displayName: string,
  limits: { contextTokens: number; maxOutputTokens: number },
  prices: readonly PriceFigures[],
  dated: readonly string[] = [],
): CatalogEntry {
  const dotted = id.replace(/-(\d)-(\d)$/, '-$1.$2');
  return {
    provider: 'anthropic',
    id,
    wireId: id,
    aliases: [...(dotted === id ? [] : [dotted]), ...dated],
    dated,
    displayName,
    ...limits,
    vision: true,
    prices,
    source: SOURCE,
    asOf: '2026-11',
    confidence: 'primary',
  };
}
