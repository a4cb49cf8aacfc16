import { describePrice, priceAt } from '../catalog/catalog-model.ts';
import { catalogModels, findModel } from '../catalog/models.ts';
import { pricesOf } from '../catalog/own-prices.ts';
import { featureModelOf, modelsOf } from '../config/agent-view.ts';
import { formatModelRef, type ModelRef, parseModelRef } from '../config/model-ref.ts';
import type { Config } from '../config/schema.ts';

/** A model as `models list` shows it. What the catalog does not know is null. */
export interface ListedModel {
  readonly ref: string;
  readonly displayName: string;
  /** `default`, `fallback 1`, `feature title`. */
  readonly uses: readonly string[];
  readonly aliases: readonly string[];
  readonly contextTokens: number | null;
  readonly maxOutputTokens: number | null;
  readonly vision: boolean | null;
  readonly inputUsdPerMillion: number | null;
  readonly outputUsdPerMillion: number | null;
  readonly confidence: 'primary' | 'secondary' | 'own' | null;
  readonly price: string;
}

/** The models an agent uses, then (with `all` or a provider) the rest of the catalog. */
export function listModels(
  config: Config,
  agentId: string,
  nowMs: number,
  wanted: { readonly provider?: string | undefined; readonly all?: boolean },
): ListedModel[] {
  const uses = usesOf(config, agentId);
  const known = wanted.all || wanted.provider !== undefined ? knownModels(config) : [];
  const refs = [...new Set([...uses.keys(), ...known])].map((text) => parseModelRef(text)!);
  const aliases = [...modelsOf(config, agentId).aliases].map(([alias, ref]) => ({ alias, ref: formatModelRef(ref) }));
  return refs
    .filter(({ provider }) => wanted.provider === undefined || provider === wanted.provider)
    .map((ref) => ({
      ...facts(config, ref, nowMs),
      uses: uses.get(formatModelRef(ref)) ?? [],
      aliases: aliases.filter((named) => named.ref === formatModelRef(ref)).map(({ alias }) => alias),
    }));
}

/** The catalog's models, then those that only a price in the config names. */
function knownModels(config: Config): string[] {
  const own = Object.keys(config.models.prices).flatMap((key) => parseModelRef(key) ?? []);
  return [...catalogModels().map(({ provider, id }) => `${provider}/${id}`), ...own.map(formatModelRef)];
}

/** Every model the config names for this agent, with what it is used for, in the order of use. */
function usesOf(config: Config, agentId: string): Map<string, string[]> {
  const { primary, fallbacks } = modelsOf(config, agentId);
  const uses = new Map<string, string[]>();
  const note = (ref: ModelRef | undefined, use?: string) => {
    if (!ref) return;
    const known = uses.get(formatModelRef(ref)) ?? [];
    uses.set(formatModelRef(ref), use === undefined ? known : [...known, use]);
  };
  note(primary, 'default');
  for (const [index, ref] of fallbacks.entries()) note(ref, `fallback ${index + 1}`);
  const own = config.agents.list.find(({ id }) => id === agentId)?.features ?? {};
  for (const feature of Object.keys({ ...config.agents.defaults.features, ...own })) {
    note(featureModelOf(config, agentId, feature), `feature ${feature}`);
  }
  for (const key of Object.keys(config.agents.defaults.models)) note(parseModelRef(key));
  return uses;
}

function facts(config: Config, ref: ModelRef, nowMs: number): Omit<ListedModel, 'uses' | 'aliases'> {
  const model = findModel(ref.provider, ref.model);
  const priced = pricesOf(config.models.prices, ref.provider, ref.model);
  const price = priced && priceAt(priced, nowMs);
  return {
    ref: formatModelRef(ref),
    displayName: model?.displayName ?? ref.model,
    contextTokens: model?.contextTokens ?? null,
    maxOutputTokens: model?.maxOutputTokens ?? null,
    vision: model?.vision ?? null,
    inputUsdPerMillion: price ? price.inputNanoUsd / 1_000 : null,
    outputUsdPerMillion: price ? price.outputNanoUsd / 1_000 : null,
    confidence: priced?.confidence ?? null,
    price: priced ? describePrice(priced, nowMs) : 'price unknown',
  };
}
