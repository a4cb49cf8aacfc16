import { MoltbotError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import type { Provider } from '../providers/provider.ts';
import { chooseModel } from './choose-model.ts';
import { resolveModelRef } from './model-ref.ts';
import type { Config } from './schema.ts';

/**
 * The models of one provider that a person names for a grant (refs, aliases, or ids without the provider), as the gateway
 * spells them. Null when none are named: every model. MODEL_NOT_FOUND, USAGE for one of another provider.
 */
export function grantModels(
  { config, providers }: { readonly config: Config; readonly providers: ReadonlyMap<string, Provider> },
  providerId: string,
  texts: readonly string[],
  force: boolean,
): string[] | null {
  if (texts.length === 0) return null;
  const models = texts.map((text) => {
    const full = resolveModelRef(config, text) ? text : `${providerId}/${text}`;
    const ref = chooseModel(config, providers, full, force);
    if (ref.provider === providerId) return ref.model;
    throw new MoltbotError(
      'USAGE',
      `"${printable(text)}" is a model of ${ref.provider}, the profile is one of ${providerId}.`,
      {
        hint: `See its models: moltbot models list --provider ${providerId}`,
      },
    );
  });
  return [...new Set(models)];
}
