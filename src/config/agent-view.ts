import { oncePerCatalog } from '../catalog/once-per-catalog.ts';
import { MAIN_AGENT } from '../core/ids.ts';
import { aliasesOf, formatModelRef, type ModelRef, parseModelRef, resolveModelRef } from './model-ref.ts';
import type { AgentConfig, Config, ModelParams } from './schema.ts';

/** Which models an agent uses. */
export interface AgentModels {
  readonly primary: ModelRef | undefined;
  readonly fallbacks: readonly ModelRef[];
  readonly aliases: ReadonlyMap<string, ModelRef>;
}

/** The agent's own choice over the defaults, part by part. */
export function modelsOf(config: Config, agentId: string): AgentModels {
  const own = agentConfig(config, agentId)?.model;
  const { model } = config.agents.defaults;
  const primary = own?.primary ?? model.primary;
  const fallbacks = own?.fallbacks ?? model.fallbacks ?? [];
  return {
    primary: primary === undefined ? undefined : resolveModelRef(config, primary),
    fallbacks: fallbacks.flatMap((text) => resolveModelRef(config, text) ?? []),
    aliases: aliasesOf(config),
  };
}

/** The providers that the default model and its fallbacks need; none where an agent has no default model. */
export function chosenProviders({ primary, fallbacks }: AgentModels): string[] {
  return [...new Set([primary, ...fallbacks].flatMap((ref) => (ref ? [ref.provider] : [])))];
}

/** Parameters for a model: the agent's own over the defaults, key by key. */
export function paramsOf(config: Config, agentId: string, ref: ModelRef): ModelParams {
  const shared = paramsIn(config.agents.defaults.models, ref);
  const own = paramsIn(agentConfig(config, agentId)?.models, ref);
  const headers = { ...shared?.headers, ...own?.headers };
  return { ...shared, ...own, ...(Object.keys(headers).length > 0 && { headers }) };
}

/** The model a person chose for a feature (`title`), or undefined. */
export function featureModelOf(config: Config, agentId: string, feature: string): ModelRef | undefined {
  const own = agentConfig(config, agentId)?.features?.[feature];
  const choice = own ?? config.agents.defaults.features[feature];
  return choice && resolveModelRef(config, choice.model);
}

/** Exactly these profiles in this order, or undefined: least recently used first. */
export function authOrderOf(config: Config, agentId: string, provider: string): readonly string[] | undefined {
  return agentConfig(config, agentId)?.auth?.order?.[provider] ?? config.auth.order[provider];
}

/** The only profile that may serve, or undefined. */
export function pinOf(config: Config, agentId: string, provider: string): string | undefined {
  return agentConfig(config, agentId)?.auth?.pin?.[provider] ?? config.auth.pin[provider];
}

/** Whether the keys in the gateway's environment are for this agent: for `main` unless told not to, for others if told. */
export function mayUseEnvironment(config: Config, agentId: string): boolean {
  return agentConfig(config, agentId)?.auth?.env ?? agentId === MAIN_AGENT;
}

export function agentConfig(config: Config, agentId: string): AgentConfig | undefined {
  return config.agents.list.find(({ id }) => id === agentId);
}

type ModelSettings = Readonly<Record<string, { params?: ModelParams | undefined }>>;

/** Looks a model's settings up under any spelling of its key. */
function paramsIn(models: ModelSettings | undefined, ref: ModelRef): ModelParams | undefined {
  return models && paramsByModel(models).get(formatModelRef(ref));
}

/** Of two spellings of one model the first counts. */
const paramsByModel = oncePerCatalog((models: ModelSettings): ReadonlyMap<string, ModelParams | undefined> => {
  const params = new Map<string, ModelParams | undefined>();
  for (const [key, settings] of Object.entries(models)) {
    const ref = parseModelRef(key);
    const name = ref && formatModelRef(ref);
    if (name !== undefined && !params.has(name)) params.set(name, settings.params);
  }
  return params;
});
