import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { MoltbotError } from '../core/errors.ts';
import { assertOwnFile } from '../core/own-file.ts';
import { printable } from '../core/text.ts';
import { Catalog } from './catalog.ts';
import {
  type CatalogFile,
  catalogFileSchema,
  datedOf,
  type FileModel,
  figuresIn,
  filePrice,
  versionedPriceSchema,
} from './catalog-file.ts';
import type { CatalogModel } from './catalog-model.ts';
import type { ModelPrice, PriceFigures } from './model-price.ts';
import { SHIPPED } from './shipped.ts';

/**
 * What the state directory keeps of catalogs that a person loaded: the one that is in force, null where it was taken out
 * again, and every price that ever was in one, by its version, because rows of the ledger name it.
 */
const storedSchema = v.strictObject({
  loadedAtMs: v.nullable(v.number()),
  file: v.nullable(catalogFileSchema),
  prices: v.array(versionedPriceSchema),
});
export type StoredCatalog = v.InferOutput<typeof storedSchema>;

export const NOTHING_LOADED: StoredCatalog = { loadedAtMs: null, file: null, prices: [] };

/** The stored catalog, or one where nothing is loaded. CONFIG_INVALID: it is damaged; NOT_PERMITTED. */
export function readStoredCatalog(path: string): StoredCatalog {
  assertOwnFile(path);
  try {
    return v.parse(storedSchema, JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return NOTHING_LOADED;
    throw new MoltbotError('CONFIG_INVALID', `The loaded catalog ${printable(path)} cannot be read.`, {
      hint: 'Go back to the shipped one with "moltbot models prices reset", or load one: moltbot models prices update --file …',
      cause,
    });
  }
}

/** The catalog that is in force with that: the shipped one, with the loaded models in the place of theirs. */
export function catalogWith({ file, prices }: StoredCatalog): Catalog {
  const known = prices.map(asPrice);
  const earlier = [...SHIPPED.models.flatMap((model) => model.prices), ...known];
  if (!file) return new Catalog(SHIPPED.models, earlier);
  const loaded = file.models.map((model) => loadedModel(model, file.asOf, known));
  const byRef = new Map(loaded.map((model) => [refOf(model), model]));
  const kept = SHIPPED.models.map((model) => byRef.get(refOf(model)) ?? model);
  return new Catalog([...new Set([...kept, ...loaded])], earlier);
}

/** What is stored once that file is loaded; `before` is what is stored now. */
export function storedWith(file: CatalogFile, before: StoredCatalog, nowMs: number): StoredCatalog {
  const known = new Map(before.prices.map((price) => [price.version, price]));
  for (const model of catalogWith({ ...before, file }).models) {
    if (model.origin !== 'loaded') continue;
    for (const price of model.prices) known.set(price.version, { version: price.version, ...filePrice(price) });
  }
  return { loadedAtMs: nowMs, file, prices: [...known.values()] };
}

function loadedModel(model: FileModel, asOf: string, known: readonly ModelPrice[]): CatalogModel {
  const { provider, id, wireId, displayName, limits, vision, source, confidence } = model;
  const shipped = SHIPPED.models.find((each) => refOf(each) === refOf(model));
  const aliases = [...new Set([...(shipped?.aliases ?? []), ...model.aliases])];
  const earlier = [...known, ...(shipped?.prices ?? [])];
  return {
    provider,
    id,
    wireId,
    aliases,
    dated: [...new Set([...(shipped?.dated ?? []), ...datedOf({ wireId, aliases })])],
    displayName,
    contextTokens: limits.contextTokens ?? undefined,
    maxOutputTokens: limits.maxOutputTokens ?? undefined,
    vision: vision ?? undefined,
    prices: model.prices.map((price) => withVersion(figuresIn(price), `${provider}/${id}`, asOf, earlier)),
    source,
    asOf,
    confidence,
    origin: 'loaded',
  };
}

/** Figures that this model had before keep their version, so that sums by version do not fall apart for nothing. */
function withVersion(figures: PriceFigures, ref: string, asOf: string, earlier: readonly ModelPrice[]): ModelPrice {
  const same = earlier.find(
    ({ version, ...others }) => version.split('/').slice(1, -1).join('/') === ref && isDeepStrictEqual(others, figures),
  );
  const digest = hash('sha256', JSON.stringify(filePrice(figures))).slice(0, 12);
  return { ...figures, version: same?.version ?? `${asOf}/${ref}/${digest}` };
}

function asPrice({ version, ...price }: StoredCatalog['prices'][number]): ModelPrice {
  return { ...figuresIn(price), version };
}

function refOf({ provider, id }: { readonly provider: string; readonly id: string }): string {
  return `${provider}/${id}`;
}
