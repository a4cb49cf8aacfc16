import { findModel, suggestModel } from '../catalog/models.ts';
import { MoltbotError } from '../core/errors.ts';
import { nearest, printable } from '../core/text.ts';
import type { Provider } from '../providers/provider.ts';
import { findProvider } from '../providers/registry.ts';
import { aliasesOf, formatModelRef, type ModelRef, resolveModelRef } from './model-ref.ts';
import type { Config } from './schema.ts';

/**
 * The model a person means by a ref or an alias, checked: its provider exists, and for a built-in provider the catalog
 * has the model (`force` goes past that). Fails with MODEL_NOT_FOUND or PROVIDER_NOT_FOUND, with what was likely meant.
 */
export function chooseModel(
  config: Config,
  providers: ReadonlyMap<string, Provider>,
  text: string,
  force: boolean,
): ModelRef {
  const ref = resolveModelRef(config, text);
  if (!ref) throw notFound(text, nearest(text, [...aliasesOf(config).keys()]) ?? suggestModel(text));
  const provider = findProvider(providers, ref.provider);
  if (!provider.builtIn || force || findModel(ref.provider, ref.model)) return ref;
  throw notFound(formatModelRef(ref), suggestModel(text), 'use it all the same with --force');
}

function notFound(text: string, guess: string | undefined, otherwise?: string): MoltbotError {
  const seeAll = 'See them with: moltbot models list --all';
  const first = guess ? `Did you mean ${guess}?` : `${seeAll}.`;
  return new MoltbotError('MODEL_NOT_FOUND', `"${printable(text)}" is not a model the catalog knows.`, {
    hint: otherwise ? `${first} Or ${otherwise}.` : first,
  });
}
