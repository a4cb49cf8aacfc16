import { anthropicModels } from './anthropic-models.ts';
import { Catalog } from './catalog.ts';
import type { CatalogEntry, CatalogModel } from './catalog-model.ts';
import { openaiModels } from './openai-models.ts';
import { xaiModels } from './xai-models.ts';

/** What this version of the program knows, grouped by provider, newest first. */
export const SHIPPED = new Catalog([...anthropicModels, ...openaiModels, ...xaiModels].map(withVersions));

function withVersions(entry: CatalogEntry): CatalogModel {
  const { asOf, provider, id } = entry;
  const prices = entry.prices.map((price, index) => ({ ...price, version: `${asOf}/${provider}/${id}/${index + 1}` }));
  return { ...entry, prices, origin: 'shipped' };
}
