import { canonicalModel } from '../../../agents/decide.ts';
import type { Policy } from '../../../agents/policy.ts';
import { MoltbotError } from '../../../core/errors.ts';
import { printable } from '../../../core/text.ts';
import type { Provider } from '../../../providers/provider.ts';

/** A policy names providers that exist and models that can be read: a slip would quietly allow nothing. USAGE. */
export function checkPolicy(providers: ReadonlyMap<string, Provider>, policy: Policy): void {
  const unknown = policy.providers?.find((id) => !providers.has(id));
  if (unknown !== undefined) {
    throw new MoltbotError('USAGE', `There is no provider "${printable(unknown)}".`, {
      hint: `There are: ${[...providers.keys()].join(', ')}.`,
    });
  }
  const unreadable = policy.models?.find((model) => !model.endsWith('/*') && canonicalModel(model) === undefined);
  if (unreadable !== undefined) {
    throw new MoltbotError('USAGE', `"${printable(unreadable)}" does not name a model.`, {
      hint: 'Models are provider/model, or provider/* for all of a provider.',
    });
  }
}
