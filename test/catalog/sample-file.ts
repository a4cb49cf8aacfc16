import type { FileModel } from '../../src/catalog/catalog-file.ts';

/** A model no catalog has shipped. */
export const NEXT: FileModel = {
  provider: 'anthropic',
  id: 'claude-next-9',
  wireId: 'claude-next-9',
  displayName: 'Claude Next 9',
  aliases: ['claude-next', 'claude-next-9-20261201'],
  limits: { contextTokens: 1_000_000, maxOutputTokens: null },
  vision: null,
  prices: [{ inputUsdPerMillion: 2.125, outputUsdPerMillion: 7 }],
  source: 'the pricing page',
  confidence: 'primary',
};
