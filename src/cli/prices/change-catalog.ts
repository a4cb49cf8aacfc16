import { renameSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { App } from '../../app.ts';
import { thisPerson } from '../../audit/actor.ts';
import type { AuditAction } from '../../audit/audit-log.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { type CatalogFile, fileModel } from '../../catalog/catalog-file.ts';
import { catalogWith, readStoredCatalog, type StoredCatalog, storedWith } from '../../catalog/loaded-catalog.ts';
import { SHIPPED } from '../../catalog/shipped.ts';
import { replaceFile } from '../../config/replace-file.ts';
import { isMoltbotError, MoltbotError } from '../../core/errors.ts';

/** What became of the models: refs such as `anthropic/claude-haiku-4-5`. */
export interface CatalogChange {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

type Changing = Pick<App, 'paths' | 'stores' | 'now'>;

/** Puts a file's models in the place of the ones loaded before. USAGE: it is older than they are, and nobody said `force`. */
export function loadCatalog(app: Changing, file: CatalogFile, force: boolean): CatalogChange {
  return change(app, 'catalog.loaded', file.asOf, (before) => {
    const present = before.file?.asOf ?? SHIPPED.asOf;
    if (!force && file.asOf < present) throw older(file.asOf, present);
    return storedWith(file, before, app.now());
  });
}

/** Goes back to the models as they were shipped. Prices that were in force stay known: rows of the ledger name them. */
export function resetCatalog(app: Changing): CatalogChange & { readonly damagedFile: string | undefined } {
  const { catalogFile } = app.paths;
  const damagedFile = moveAwayIfDamaged(catalogFile);
  const reset = (before: StoredCatalog) => ({ ...before, loadedAtMs: null, file: null });
  const changed = change(app, 'catalog.reset', SHIPPED.asOf, reset, damagedFile !== undefined);
  return { ...changed, damagedFile };
}

/** Whether a file says more than prices: other spellings or wire names, which rules about models go by. */
export function bringsNames({ models }: CatalogFile): boolean {
  return models.some(({ provider, id, aliases }) => {
    const known = SHIPPED.models.find((model) => model.provider === provider && model.id === id);
    return !known || aliases.some((alias) => alias !== id && !known.aliases.includes(alias));
  });
}

/** The audit's row and the file are written together; the row goes first. `isMended`: a damaged file has gone before. */
function change(
  { paths, stores, now }: Changing,
  action: AuditAction & `catalog.${string}`,
  asOf: string,
  decide: (before: StoredCatalog) => StoredCatalog,
  isMended = false,
): CatalogChange {
  const { database, audit } = stores();
  return database.durableTransaction(() => {
    const before = readStoredCatalog(paths.catalogFile);
    const after = decide(before);
    const changes = changesOf(catalogWith(before), catalogWith(after));
    if (isDeepStrictEqual(before.file, after.file) && !isMended) return changes;
    const detail = { models: after.file?.models.length ?? 0, ...namedIn(changes) };
    audit.append({ actor: thisPerson(), action, subject: asOf, detail }, now());
    replaceFile(paths.catalogFile, `${JSON.stringify(after)}\n`);
    return changes;
  });
}

/** The first of each, for the audit: a file may bring thousands. */
function namedIn(changes: CatalogChange): Partial<CatalogChange> {
  const named = Object.entries(changes as unknown as Record<string, readonly string[]>);
  return Object.fromEntries(
    named.filter(([, refs]) => refs.length > 0).map(([what, refs]) => [what, refs.slice(0, 20)]),
  );
}

function changesOf(before: Catalog, after: Catalog): CatalogChange {
  const [old, young] = [byRef(before), byRef(after)];
  return {
    added: [...young.keys()].filter((ref) => !old.has(ref)),
    changed: [...young]
      .filter(([ref, model]) => old.has(ref) && !isDeepStrictEqual(old.get(ref), model))
      .map(([ref]) => ref),
    removed: [...old.keys()].filter((ref) => !young.has(ref)),
  };
}

/** What a person would call the same model: neither where it is from nor which day it was read. */
function byRef({ models }: Catalog): Map<string, object> {
  return new Map(models.map((model) => [`${model.provider}/${model.id}`, { ...fileModel(model), source: '' }]));
}

function moveAwayIfDamaged(path: string): string | undefined {
  try {
    readStoredCatalog(path);
    return undefined;
  } catch (error) {
    if (!isMoltbotError(error, 'CONFIG_INVALID')) throw error;
    renameSync(path, `${path}.damaged`);
    return `${path}.damaged`;
  }
}

function older(asOf: string, present: string): MoltbotError {
  return new MoltbotError('USAGE', `The file is of ${asOf}, which is older than what is in force (${present}).`, {
    hint: 'Where that is meant, say --force. Nothing was changed.',
  });
}
