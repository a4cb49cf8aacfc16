import { isDeepStrictEqual } from 'node:util';
import { AGENT_ID } from '../core/ids.ts';
import { valueAt } from './agent-edits.ts';
import type { ConfigEdit } from './apply-edits.ts';
import type { LoadedConfig } from './load.ts';
import type { BudgetConfig } from './schema.ts';

/** Keys of a budget as a person would write them; undefined takes one out, what is not named stays. */
export type BudgetChange = { readonly [Key in keyof BudgetConfig]?: BudgetConfig[Key] | undefined };

/** Keys that objects have already are passed over where a config is read, so nothing can have them as a name. */
const NO_NAMES = ['constructor', 'prototype'];

export function isBudgetName(text: string): boolean {
  return AGENT_ID.test(text) && !NO_NAMES.includes(text);
}

/** What changes a budget of the file, key by key, so that comments inside it stay; adds one that is not there. */
export function budgetEdits(raw: LoadedConfig['raw'], name: string, change: BudgetChange): ConfigEdit[] {
  const path = ['budgets', name];
  const entries = Object.entries(change);
  if (valueAt(raw, path) === undefined)
    return [{ path, value: Object.fromEntries(entries.filter(([, value]) => value !== undefined)) }];
  return entries
    .map(([key, value]) => ({ path: [...path, key], value }))
    .filter((edit) => !isDeepStrictEqual(valueAt(raw, edit.path), edit.value));
}
