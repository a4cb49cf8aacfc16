import { nearest } from '../core/text.ts';
import { anthropicModels } from './anthropic-models.ts';
import type { CatalogEntry, CatalogModel } from './catalog-model.ts';
import { openaiModels } from './openai-models.ts';
import { xaiModels } from './xai-models.ts';

/** Every model the catalog knows, grouped by provider, newest first. */
export const CATALOG: readonly CatalogModel[] = [...anthropicModels, ...openaiModels, ...xaiModels].map(withVersions);

/** Every spelling of a model (its id, wire id and aliases), by provider: `anthropic/claude-opus-4.5` → the model. */
const BY_SPELLING = new Map(
  CATALOG.flatMap((model) =>
    [model.id, model.wireId, ...model.aliases].map((spelling) => [`${model.provider}/${spelling}`, model] as const),
  ),
);

/** The day a provider puts behind a model's name: `-20251001`, `-2026-03-05`. */
const DATE = /-20\d{2}(-?)\d{2}\1\d{2}$/;

/** The catalog's entry of `provider/model` in any spelling, or undefined. */
export function findModel(provider: string, text: string): CatalogModel | undefined {
  const spelling = spellingOf(text);
  return BY_SPELLING.get(`${provider}/${spelling}`) ?? modelOfDated(provider, spelling);
}

/** A dated name that the catalog does not list: the provider's own id with a day behind it. */
function modelOfDated(provider: string, spelling: string): CatalogModel | undefined {
  const wireId = spelling.replace(DATE, '');
  const model = BY_SPELLING.get(`${provider}/${wireId}`);
  return model?.wireId === wireId ? model : undefined;
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
  if (modelOfDated(provider, text)) return undefined;
  return model.wireId;
}

function withVersions(entry: CatalogEntry): CatalogModel {
  const { asOf, provider, id } = entry;
  const prices = entry.prices.map((price, index) => ({ ...price, version: `${asOf}/${provider}/${id}/${index + 1}` }));
  return { ...entry, prices };
}

/** Names are compared in lower case and without Claude Code's context mark: `claude-sonnet-5[1m]`. */
function spellingOf(text: string): string {
  return text.toLowerCase().replace(/\[1m\]$/, '');
}

/** The catalog's ref nearest to what was typed (`anthropic/claude-opus-4-5`), for "did you mean". */
export function suggestModel(text: string): string | undefined {
  const slash = text.indexOf('/');
  const provider = slash < 1 ? undefined : text.slice(0, slash);
  const name = spellingOf(text.slice(slash + 1));
  const pool = CATALOG.filter(
    (model) => !CATALOG.some((known) => known.provider === provider) || model.provider === provider,
  );
  const spellings = pool.flatMap((model) => [model.id, ...model.aliases].map((spelling) => ({ spelling, model })));
  const best = nearest(
    name,
    spellings.map(({ spelling }) => spelling),
  );
  const found = spellings.find(({ spelling }) => spelling === best)?.model;
  return found && `${found.provider}/${found.id}`;
}
