import { catalogModels, normalizeModel } from '../catalog/models.ts';
import { oncePerCatalog } from '../catalog/once-per-catalog.ts';
import type { Config } from './schema.ts';

/** A model of a provider; written `anthropic/claude-opus-4-5`. */
export interface ModelRef {
  readonly provider: string;
  readonly model: string;
}

export function formatModelRef(ref: ModelRef): string {
  return `${ref.provider}/${ref.model}`;
}

/** `provider/model` in any spelling the catalog knows; undefined when the text has no provider. */
export function parseModelRef(text: string): ModelRef | undefined {
  const slash = text.indexOf('/');
  if (slash < 1 || slash === text.length - 1) return undefined;
  const provider = text.slice(0, slash);
  return { provider, model: normalizeModel(provider, text.slice(slash + 1)) };
}

type Models = Config['agents']['defaults']['models'];

/** The aliases a person gave: name → model. */
export function aliasesOf(config: Config): ReadonlyMap<string, ModelRef> {
  return aliasesIn(config.agents.defaults.models);
}

const aliasesIn = oncePerCatalog((models: Models): ReadonlyMap<string, ModelRef> => {
  const aliases = new Map<string, ModelRef>();
  for (const [key, { alias }] of Object.entries(models)) {
    const ref = parseModelRef(key);
    if (alias && ref) aliases.set(alias, ref);
  }
  return aliases;
});

/** A ref, an alias, or a catalog id that only one provider has; undefined when it is none of them. */
export function resolveModelRef(config: Config, text: string): ModelRef | undefined {
  return aliasesOf(config).get(text) ?? parseModelRef(text) ?? catalogRef(text);
}

function catalogRef(text: string): ModelRef | undefined {
  const found = catalogModels().filter((model) => normalizeModel(model.provider, text) === model.id);
  return found.length === 1 ? { provider: found[0]!.provider, model: found[0]!.id } : undefined;
}
