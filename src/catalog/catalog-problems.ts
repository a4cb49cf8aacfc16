import type { Catalog } from './catalog.ts';
import type { CatalogFile, FileModel, FilePrice } from './catalog-file.ts';

/** What is wrong with a file whose every value is right by itself. */
export interface CatalogProblem {
  readonly path: readonly (string | number)[];
  /** `expected …`, without the path. */
  readonly what: string;
  readonly fix: string;
}

/**
 * Models and spellings that are there twice, prices that cannot be told apart, and names that would make another model of
 * one this program knows: what an agent may use is said in those names.
 */
export function catalogProblems(file: CatalogFile, shipped: Catalog): CatalogProblem[] {
  const taken = new Map<string, string>();
  return file.models.flatMap((model, index) => [
    ...nameProblems(model, index, taken, shipped),
    ...model.prices.flatMap((price, at) => priceProblems(model, price, ['models', index, 'prices', at], at)),
  ]);
}

function nameProblems(model: FileModel, index: number, taken: Map<string, string>, shipped: Catalog): CatalogProblem[] {
  const { provider, id, wireId, aliases } = model;
  const own = `${provider}/${id}`;
  const known = shipped.models.find((each) => each.provider === provider && each.id === id);
  const problems: CatalogProblem[] = [];
  const spellings: [string, (string | number)[]][] = [
    [id, ['models', index, 'id']],
    [wireId, ['models', index, 'wireId']],
    ...aliases.map((alias, at): [string, (string | number)[]] => [alias, ['models', index, 'aliases', at]]),
  ];
  if (known && known.wireId !== wireId) {
    const fix = `Write "${known.wireId}" there, or give the model another id.`;
    problems.push({ path: ['models', index, 'wireId'], what: 'is not what the provider calls this model', fix });
  }
  for (const [text, path] of spellings) {
    const key = `${provider}/${text}`;
    const other = taken.get(key) ?? otherOf(shipped, provider, text, own);
    const isRepeated = text === id && path.at(-1) === 'id' && other === own;
    if ((other !== undefined && other !== own) || isRepeated) {
      problems.push({ path, what: `is a name of ${other} already`, fix: 'Take it out there, or in the other place.' });
    }
    taken.set(key, own);
  }
  return problems;
}

/** The model that the shipped catalog takes this spelling for, where it is another one. */
function otherOf(shipped: Catalog, provider: string, text: string, own: string): string | undefined {
  const model = shipped.find(provider, text);
  const ref = model && `${model.provider}/${model.id}`;
  return ref === own ? undefined : ref;
}

function priceProblems(model: FileModel, price: FilePrice, path: (string | number)[], at: number): CatalogProblem[] {
  const { from, until, minPromptTokens, maxPromptTokens } = price;
  if (from !== undefined && until !== undefined && until < from)
    return [{ path: [...path, 'until'], what: 'expected a day that is not before "from"', fix: 'Change one of them.' }];
  if (minPromptTokens !== undefined && maxPromptTokens !== undefined && maxPromptTokens < minPromptTokens) {
    const what = 'expected a number that is not below "minPromptTokens"';
    return [{ path: [...path, 'maxPromptTokens'], what, fix: 'Change one of them.' }];
  }
  const earlier = model.prices.slice(0, at).findIndex((other) => overlap(other, price));
  if (earlier === -1) return [];
  const what = `holds for answers that models[${path[1]}].prices[${earlier}] holds for, too`;
  return [{ path, what, fix: 'Let days ("from", "until"), sizes of prompts or speeds tell them apart.' }];
}

function overlap(a: FilePrice, b: FilePrice): boolean {
  return (
    a.speed === b.speed &&
    (a.from ?? '') <= (b.until ?? '9') &&
    (b.from ?? '') <= (a.until ?? '9') &&
    (a.minPromptTokens ?? 0) <= (b.maxPromptTokens ?? Number.POSITIVE_INFINITY) &&
    (b.minPromptTokens ?? 0) <= (a.maxPromptTokens ?? Number.POSITIVE_INFINITY)
  );
}
