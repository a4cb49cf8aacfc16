import { MoltbotError } from '../core/errors.ts';
import { nearest, printable } from '../core/text.ts';
import type { ConfigEdit } from './apply-edits.ts';
import type { LoadedConfig } from './load.ts';
import { aliasesOf, formatModelRef, type ModelRef, parseModelRef } from './model-ref.ts';

const MODELS = ['agents', 'defaults', 'models'];

/** Gives a model an alias, under the key the file already has for it. An alias of another model is ALREADY_EXISTS. */
export function addAliasEdits(loaded: LoadedConfig, alias: string, ref: ModelRef): ConfigEdit[] {
  const model = formatModelRef(ref);
  const holder = aliasesOf(loaded.config).get(alias);
  if (holder && formatModelRef(holder) !== model) {
    throw new MoltbotError('ALREADY_EXISTS', `The alias ${alias} stands for ${formatModelRef(holder)}.`, {
      hint: `Remove it first: moltbot models aliases remove ${alias}`,
    });
  }
  return [{ path: [...MODELS, keyOf(loaded, model) ?? model, 'alias'], value: alias }];
}

/** Takes an alias away, and the model's entry when nothing else is in it. */
export function removeAliasEdits(loaded: LoadedConfig, alias: string): ConfigEdit[] {
  const entry = Object.entries(loaded.config.agents.defaults.models).find(([, settings]) => settings.alias === alias);
  if (!entry) throw notFound(loaded, alias);
  const [key, { params }] = entry;
  return [{ path: [...MODELS, key, ...(params === undefined ? [] : ['alias'])], value: undefined }];
}

/** The spelling under which the file has a model's settings. */
function keyOf({ config }: LoadedConfig, model: string): string | undefined {
  return Object.keys(config.agents.defaults.models).find((key) => {
    const ref = parseModelRef(key);
    return ref !== undefined && formatModelRef(ref) === model;
  });
}

function notFound({ config }: LoadedConfig, alias: string): MoltbotError {
  const guess = nearest(alias, [...aliasesOf(config).keys()]);
  return new MoltbotError('MODEL_NOT_FOUND', `There is no alias "${printable(alias)}".`, {
    hint: guess ? `Did you mean ${guess}?` : 'See them: moltbot models aliases list',
  });
}
