import { canonicalModel } from '../../../agents/decide.ts';
import type { Policy } from '../../../agents/policy.ts';
import { MoltbotError } from '../../../core/errors.ts';
import { printable } from '../../../core/text.ts';
import type { Provider } from '../../../providers/provider.ts';

/** The policy with models in their one spelling. USAGE for what is not there: a slip would quietly allow nothing. */
export function policyOf(providers: ReadonlyMap<string, Provider>, policy: Policy): Policy {
  for (const id of policy.providers ?? []) assertProvider(providers, id);
  const { models } = policy;
  return models ? { ...policy, models: [...new Set(models.map((model) => modelOf(providers, model)))] } : policy;
}

function modelOf(providers: ReadonlyMap<string, Provider>, text: string): string {
  const model = text.endsWith('/*') ? text : canonicalModel(text);
  if (model === undefined) {
    throw new MoltbotError('USAGE', `"${printable(text)}" does not name a model.`, {
      hint: 'Models are provider/model, or provider/* for all of a provider.',
    });
  }
  assertProvider(providers, model.slice(0, model.indexOf('/')));
  return model;
}

function assertProvider(providers: ReadonlyMap<string, Provider>, id: string): void {
  if (providers.has(id)) return;
  throw new MoltbotError('USAGE', `There is no provider "${printable(id)}".`, {
    hint: `There are: ${[...providers.keys()].join(', ')}.`,
  });
}
