import { nearest } from '../core/text.ts';
import { spellingOf } from './catalog.ts';
import type { CatalogModel } from './catalog-model.ts';
import { catalogInForce } from './in-force.ts';

/** Every model the catalog in force knows, grouped by provider. */
export function catalogModels(): readonly CatalogModel[] {
  return catalogInForce().models;
}

/** The catalog's entry of `provider/model` in any spelling, or undefined. */
export function findModel(provider: string, text: string): CatalogModel | undefined {
  return catalogInForce().find(provider, text);
}

/**
 * The canonical id of a model in any spelling: dashed where people write dots (`claude-opus-4.5`), without its date
 * (`claude-haiku-4-5-20251001`). A name the catalog does not know stays as it is.
 */
export function normalizeModel(provider: string, text: string): string {
  return findModel(provider, text)?.id ?? text;
}

/**
 * What goes upstream in the place of a catalog spelling; undefined where the provider takes the text as it is (its own
 * id, a dated one, a model the catalog does not know).
 */
export function wireModelOf(provider: string, text: string): string | undefined {
  const model = findModel(provider, text);
  if (!model || text === model.wireId || model.dated.includes(text)) return undefined;
  if (catalogInForce().ofDated(provider, text)) return undefined;
  return model.wireId;
}

/** The catalog's ref nearest to what was typed (`anthropic/claude-opus-4-5`), for "did you mean". */
export function suggestModel(text: string): string | undefined {
  const slash = text.indexOf('/');
  const provider = slash < 1 ? undefined : text.slice(0, slash);
  const name = spellingOf(text.slice(slash + 1));
  const models = catalogModels();
  const pool = models.filter(
    (model) => !models.some((known) => known.provider === provider) || model.provider === provider,
  );
  const spellings = pool.flatMap((model) => [model.id, ...model.aliases].map((spelling) => ({ spelling, model })));
  const best = nearest(
    name,
    spellings.map(({ spelling }) => spelling),
  );
  const found = spellings.find(({ spelling }) => spelling === best)?.model;
  return found && `${found.provider}/${found.id}`;
}
