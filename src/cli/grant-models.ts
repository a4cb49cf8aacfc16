import type { App } from '../app.ts';
import { chooseModel } from '../config/choose-model.ts';
import { resolveModelRef } from '../config/model-ref.ts';
import { MoltbotError } from '../core/errors.ts';
import { printable } from '../core/text.ts';

/**
 * The models of one provider that a person names for a grant (refs, aliases, or ids without the provider), as the gateway
 * spells them. Null when none are named: every model. MODEL_NOT_FOUND, USAGE for one of another provider.
 */
export function grantModels(app: App, providerId: string, texts: readonly string[], force: boolean): string[] | null {
  if (texts.length === 0) return null;
  const { config } = app.config();
  const models = texts.map((text) => {
    const full = resolveModelRef(config, text) ? text : `${providerId}/${text}`;
    const ref = chooseModel(config, app.providers(), full, force);
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
