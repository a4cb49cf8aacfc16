import { printable } from '../../core/text.ts';
import type { CatalogChange } from './change-catalog.ts';

const MOST_NAMED = 5;

/** `changed anthropic/claude-haiku-4-5; added 7 models`. */
export function changeText({ added, changed, removed }: CatalogChange): string {
  const parts = [
    ['changed', changed],
    ['added', added],
    ['took out', removed],
  ] as const;
  const said = parts.filter(([, refs]) => refs.length > 0).map(([verb, refs]) => `${verb} ${named(refs)}`);
  return said.length === 0 ? 'every price is as it was' : said.join('; ');
}

function named(refs: readonly string[]): string {
  return refs.length > MOST_NAMED ? `${refs.length} models` : refs.map(printable).join(', ');
}
