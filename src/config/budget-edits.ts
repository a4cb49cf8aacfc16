import { isDeepStrictEqual } from 'node:util';
import { valueAt } from './agent-edits.ts';
import type { ConfigEdit } from './apply-edits.ts';
import type { LoadedConfig } from './load.ts';
import type { BudgetConfig } from './schema.ts';

/** Keys of a budget as a person would write them; undefined takes one out, what is not named stays. */
export type BudgetChange = { readonly [Key in keyof BudgetConfig]?: BudgetConfig[Key] | undefined };

/** What changes a budget of the file, key by key, so that comments inside it stay; adds one that is not there. */
export function budgetEdits(raw: LoadedConfig['raw'], name: string, change: BudgetChange): ConfigEdit[] {
  const path = ['budgets', name];
  const written = valueAt(raw, path);
  const entries = Object.entries(change);
  if (written === undefined)
    return [{ path, value: Object.fromEntries(entries.filter(([, value]) => value !== undefined)) }];
  return entries
    .map(([key, value]) => ({ path: [...path, key], value }))
    .filter((edit) => !isDeepStrictEqual(valueAt(raw, edit.path), edit.value));
}
