import { normalizeModel, wireModelOf } from '../../catalog/models.ts';
import { featureModelOf, modelsOf, paramsOf } from '../../config/agent-view.ts';
import { formatModelRef, type ModelRef } from '../../config/model-ref.ts';
import type { Config, ModelParams } from '../../config/schema.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import type { Provider } from '../../providers/provider.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import { headerOf } from '../headers/raw-headers.ts';

/** One model that may answer, and what settings say about it. */
export interface ModelChoice {
  readonly provider: Provider;
  /** As it goes upstream; undefined leaves the client's own spelling. */
  readonly wireModel: string | undefined;
  /** Canonical id, under which health is kept; undefined when the request names no model. */
  readonly healthModel: string | undefined;
  readonly params: ModelParams;
}

export interface RequestedModel {
  readonly first: ModelChoice;
  /** In order; empty unless the request names the agent's primary model, its alias or `default`. */
  readonly fallbacks: readonly ModelChoice[];
}

type Asked = Pick<ProxyRequest, 'agentId' | 'provider' | 'route' | 'facts' | 'rawHeaders'>;

/**
 * Which model a request means. An alias, `default` or a catalog spelling becomes the wire id; with an alias or `default`
 * a feature label (`x-moltbot-label-feature`) may choose another. Any other name passes as it is.
 * Throws MODEL_NOT_FOUND for `default` without one, and for an alias of a model that this route cannot reach.
 */
export function requestedModel(config: Config, providers: ReadonlyMap<string, Provider>, asked: Asked): RequestedModel {
  const { agentId, provider, facts } = asked;
  const text = facts.model;
  if (text === undefined) return { first: unnamed(provider), fallbacks: [] };
  const models = modelsOf(config, agentId);
  const named = text === 'default' ? (models.primary ?? noDefault(agentId)) : models.aliases.get(text);
  const ref = (named && featureOf(config, asked)) ??
    named ?? { provider: provider.id, model: normalizeModel(provider.id, text) };
  const first = named ? choiceOf(config, providers, asked, ref) : asSent(config, asked, ref, text);
  if (!first) throw unreachableHere(text, ref, provider);
  const isPrimary = models.primary !== undefined && formatModelRef(models.primary) === formatModelRef(ref);
  if (!isPrimary || asked.route.purpose !== 'generate') return { first, fallbacks: [] };
  const fallbacks = models.fallbacks
    .map((fallback) => choiceOf(config, providers, asked, fallback))
    .filter((choice) => choice !== undefined);
  return { first, fallbacks };
}

function unnamed(provider: Provider): ModelChoice {
  return { provider, wireModel: undefined, healthModel: undefined, params: {} };
}

function asSent(config: Config, { agentId, provider }: Asked, ref: ModelRef, text: string): ModelChoice {
  return {
    provider,
    wireModel: wireModelOf(provider.id, text),
    healthModel: ref.model,
    params: paramsOf(config, agentId, ref),
  };
}

/** A model the gateway names itself; undefined when its provider does not speak this route's wire format. */
function choiceOf(
  config: Config,
  providers: ReadonlyMap<string, Provider>,
  { agentId, route }: Asked,
  ref: ModelRef,
): ModelChoice | undefined {
  const provider = providers.get(ref.provider);
  if (!provider || (route.format !== undefined && !provider.formats.includes(route.format))) return undefined;
  return {
    provider,
    wireModel: wireModelOf(provider.id, ref.model) ?? ref.model,
    healthModel: ref.model,
    params: paramsOf(config, agentId, ref),
  };
}

function featureOf(config: Config, { agentId, rawHeaders }: Asked): ModelRef | undefined {
  const feature = headerOf(rawHeaders, 'x-moltbot-label-feature');
  return feature === undefined ? undefined : featureModelOf(config, agentId, feature);
}

function noDefault(agentId: string): never {
  throw new MoltbotError('MODEL_NOT_FOUND', `Agent "${agentId}" has no default model.`, {
    hint: 'Set one: moltbot models set anthropic/claude-haiku-4-5',
  });
}

function unreachableHere(text: string, ref: ModelRef, provider: Provider): MoltbotError {
  const model = printable(formatModelRef(ref));
  return new MoltbotError(
    'MODEL_NOT_FOUND',
    `"${printable(text)}" is ${model}, which cannot be asked in this format at ${provider.id}.`,
    {
      hint: 'Choose a model of this provider, or change the alias: moltbot models aliases list',
    },
  );
}
