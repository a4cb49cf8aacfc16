import { MoltbotError } from '../core/errors.ts';
import { modelEdits, ownValue, valueAt } from './agent-edits.ts';
import { modelsOf } from './agent-view.ts';
import type { ConfigEdit } from './apply-edits.ts';
import type { LoadedConfig } from './load.ts';
import { formatModelRef, type ModelRef, resolveModelRef } from './model-ref.ts';

const PATH = ['model', 'fallbacks'];

/**
 * The edits that add a model to an agent's fallbacks or take it out. Where the list stands in
 * the file, one element of it is edited, so that its comments stay. ALREADY_EXISTS and MODEL_NOT_FOUND say why not.
 */
export function fallbackEdits(
  loaded: LoadedConfig,
  agentId: string,
  change: { readonly add: ModelRef } | { readonly remove: ModelRef },
): ConfigEdit[] {
  const before = modelsOf(loaded.config, agentId).fallbacks.map(formatModelRef);
  const written = writtenList(loaded, agentId);
  if ('add' in change) {
    const model = formatModelRef(change.add);
    if (before.includes(model)) throw alreadyThere(model);
    const [path, value] = written ? [[...PATH, String(written.length)], model] : [PATH, [...before, model]];
    return modelEdits(loaded.raw, agentId, path, value);
  }
  const model = formatModelRef(change.remove);
  if (!before.includes(model)) throw notThere(model);
  const index = written?.findIndex((text) => isModel(loaded, text, model)) ?? -1;
  const [path, value] =
    index === -1 ? [PATH, before.filter((ref) => ref !== model)] : [[...PATH, String(index)], undefined];
  return modelEdits(loaded.raw, agentId, path, value);
}

/** The list as it stands where an edit would go, or undefined. */
function writtenList({ raw }: LoadedConfig, agentId: string): readonly unknown[] | undefined {
  const own = ownValue(raw, agentId, PATH);
  const list = own ?? (agentId === 'main' ? valueAt(raw, ['agents', 'defaults', ...PATH]) : undefined);
  return Array.isArray(list) ? list : undefined;
}

function isModel({ config }: LoadedConfig, text: unknown, model: string): boolean {
  const ref = typeof text === 'string' ? resolveModelRef(config, text) : undefined;
  return ref !== undefined && formatModelRef(ref) === model;
}

function alreadyThere(model: string): MoltbotError {
  return new MoltbotError('ALREADY_EXISTS', `${model} is a fallback already.`, {
    hint: 'See the order: moltbot models fallbacks list',
  });
}

function notThere(model: string): MoltbotError {
  return new MoltbotError('MODEL_NOT_FOUND', `${model} is not among the fallbacks.`, {
    hint: 'See them: moltbot models fallbacks list',
  });
}
