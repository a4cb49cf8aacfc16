import { describePrice } from '../../catalog/catalog-model.ts';
import { catalogModels, findModel } from '../../catalog/models.ts';
import { pricesOf } from '../../catalog/own-prices.ts';
import { formatModelRef, type ModelRef, resolveModelRef } from '../../config/model-ref.ts';
import type { Config } from '../../config/schema.ts';
import { MoltbotError } from '../../core/errors.ts';
import { nearest, printable } from '../../core/text.ts';
import type { Choice } from '../prompts/choose.ts';

/** The models of a provider with their prices (the person's own where they set some), for who chooses a default. */
export function modelChoices(
  providerId: string,
  ownPrices: Config['models']['prices'],
  nowMs: number,
): Choice<string>[] {
  return catalogModels()
    .filter(({ provider }) => provider === providerId)
    .map((model) => {
      const priced = pricesOf(ownPrices, providerId, model.id) ?? model;
      return {
        name: `${model.displayName.padEnd(20)} ${describePrice(priced, nowMs)}`,
        value: `${model.provider}/${model.id}`,
      };
    });
}

/** Haiku for Anthropic: cheap enough to begin with. Elsewhere the model of the test call. */
export function preselectedModel(providerId: string, testModel: string | undefined): string | undefined {
  if (providerId === 'anthropic') return 'anthropic/claude-haiku-4-5';
  const model = testModel && findModel(providerId, testModel);
  return model ? `${providerId}/${model.id}` : undefined;
}

/** A default model that was typed; checked against the catalog where the catalog knows the provider. */
export function parseDefaultModel(config: Config, text: string): string {
  const ref = resolveModelRef(config, text);
  if (
    ref &&
    (findModel(ref.provider, ref.model) || !catalogModels().some(({ provider }) => provider === ref.provider))
  ) {
    return formatModelRef(ref);
  }
  throw unknownModel(text, ref);
}

function unknownModel(text: string, ref: ModelRef | undefined): MoltbotError {
  const known = catalogModels()
    .filter(({ provider }) => !ref || provider === ref.provider)
    .map(({ provider, id }) => `${provider}/${id}`);
  const guess = nearest(text, known);
  return new MoltbotError('MODEL_NOT_FOUND', `There is no model "${printable(text)}" in the catalog.`, {
    hint: guess ? `Did you mean: --model ${guess}` : 'See which there are: moltbot models list --all',
  });
}
