import * as v from 'valibot';
import { type CatalogModel, priceAt } from '../../catalog/catalog-model.ts';
import type { ModelPrice } from '../../catalog/model-price.ts';
import { catalogModels, findModel } from '../../catalog/models.ts';
import { pricesOf } from '../../catalog/own-prices.ts';
import { parseModelRef } from '../../config/model-ref.ts';
import type { Config } from '../../config/schema.ts';
import type { CredentialKind, Provider } from '../../providers/provider.ts';

type OwnPrices = Config['models']['prices'];

const amount = v.nullable(v.number());

const priceSchema = v.strictObject({
  version: v.string(),
  speed: v.pipe(v.picklist(['standard', 'fast']), v.description('The speed at which answers cost this.')),
  from: v.nullable(v.string()),
  until: v.nullable(v.string()),
  min_prompt_tokens: amount,
  max_prompt_tokens: amount,
  input_usd_per_million: v.number(),
  output_usd_per_million: v.number(),
  cache_read_usd_per_million: amount,
  cache_write_5m_usd_per_million: amount,
  cache_write_1h_usd_per_million: amount,
  web_search_usd: amount,
  batch_factor: amount,
  us_inference_factor: amount,
  priority_factor: amount,
});

const modelSchema = v.strictObject({
  id: v.string(),
  wire_id: v.string(),
  display_name: v.string(),
  aliases: v.array(v.string()),
  limits: v.strictObject({ max_input_tokens: amount, max_output_tokens: amount }),
  vision: v.nullable(v.boolean()),
  price: v.pipe(v.nullable(priceSchema), v.description('Today, for a short prompt; null where it is not known.')),
  prices: v.array(priceSchema),
  source: v.string(),
  as_of: v.pipe(v.nullable(v.string()), v.description('When the figures were read; null for your own.')),
  confidence: v.picklist(['primary', 'secondary', 'own']),
});

const fieldSchema = v.strictObject({
  name: v.string(),
  required: v.boolean(),
  secret: v.boolean(),
  pattern: v.string(),
  sample: v.nullable(v.string()),
  default: v.nullable(v.string()),
});

/** A provider as the API shows it. What the catalog does not know is null. */
export const integrationSchema = v.strictObject({
  id: v.string(),
  type: v.literal('llm-provider'),
  display_name: v.string(),
  built_in: v.boolean(),
  default_base_url: v.string(),
  auth_schemas: v.array(
    v.strictObject({
      type: v.picklist(['api_key', 'token']),
      label: v.string(),
      source: v.string(),
      minimum_length: v.number(),
      fields: v.array(fieldSchema),
    }),
  ),
  models: v.array(modelSchema),
});

/** `prices` are those that a person set in the config: they stand in place of the catalog's. */
export function shownIntegration(
  provider: Provider,
  prices: OwnPrices,
  nowMs: number,
): v.InferOutput<typeof integrationSchema> {
  return {
    id: provider.id,
    type: 'llm-provider',
    display_name: provider.displayName,
    built_in: provider.builtIn,
    default_base_url: provider.defaultBaseUrl,
    auth_schemas: provider.credentials.map((kind) => authSchema(kind, provider)),
    models: [
      ...catalogModels()
        .filter((model) => model.provider === provider.id)
        .map((model) => shownModel(model, prices, nowMs)),
      ...ownModels(provider.id, prices, nowMs),
    ],
  };
}

function authSchema(kind: CredentialKind, { defaultBaseUrl }: Provider) {
  const { type, label, source, minimumLength, pattern, sample } = kind;
  return {
    type,
    label,
    source,
    minimum_length: minimumLength,
    fields: [
      { name: type, required: true, secret: true, pattern: pattern.source, sample, default: null },
      {
        name: 'base_url',
        required: false,
        secret: false,
        pattern: '^https?://.*',
        sample: null,
        default: defaultBaseUrl,
      },
    ],
  };
}

function shownModel(model: CatalogModel, own: OwnPrices, nowMs: number): v.InferOutput<typeof modelSchema> {
  const priced = pricesOf(own, model.provider, model.id) ?? model;
  const price = priceAt(priced, nowMs);
  return {
    id: model.id,
    wire_id: model.wireId,
    display_name: model.displayName,
    aliases: [...model.aliases],
    limits: { max_input_tokens: model.contextTokens ?? null, max_output_tokens: model.maxOutputTokens ?? null },
    vision: model.vision ?? null,
    price: price ? shownPrice(price) : null,
    prices: priced.prices.map(shownPrice),
    source: model.source,
    as_of: model.asOf,
    confidence: priced.confidence,
  };
}

/** Models that only a price in the config names. */
function ownModels(providerId: string, own: OwnPrices, nowMs: number): v.InferOutput<typeof modelSchema>[] {
  const refs = Object.keys(own).flatMap((key) => parseModelRef(key) ?? []);
  const unknown = refs.filter(({ provider, model }) => provider === providerId && !findModel(provider, model));
  return unknown.map(({ model: id }) => {
    const facts = { provider: providerId, id, wireId: id, displayName: id, aliases: [], dated: [], prices: [] };
    const nothing = { contextTokens: undefined, maxOutputTokens: undefined, vision: undefined };
    const shown = {
      ...facts,
      ...nothing,
      source: 'the config',
      asOf: '',
      confidence: 'secondary',
      origin: 'loaded',
    } as const;
    return { ...shownModel(shown, own, nowMs), as_of: null };
  });
}

function shownPrice(price: ModelPrice): v.InferOutput<typeof priceSchema> {
  return {
    version: price.version,
    speed: price.speed ?? 'standard',
    from: price.from ?? null,
    until: price.until ?? null,
    min_prompt_tokens: price.minPromptTokens ?? null,
    max_prompt_tokens: price.maxPromptTokens ?? null,
    input_usd_per_million: perMillion(price.inputNanoUsd),
    output_usd_per_million: perMillion(price.outputNanoUsd),
    cache_read_usd_per_million: perMillionOrNull(price.cacheReadNanoUsd),
    cache_write_5m_usd_per_million: perMillionOrNull(price.cacheWrite5mNanoUsd),
    cache_write_1h_usd_per_million: perMillionOrNull(price.cacheWrite1hNanoUsd),
    web_search_usd: price.webSearchNanoUsd === undefined ? null : price.webSearchNanoUsd / 1_000_000_000,
    batch_factor: factor(price.batchPerMille),
    us_inference_factor: factor(price.usInferencePerMille),
    priority_factor: factor(price.priorityPerMille),
  };
}

/** Nano-dollars per token are thousandths of a dollar per million tokens. */
function perMillion(nanoUsd: number): number {
  return nanoUsd / 1_000;
}

function perMillionOrNull(nanoUsd: number | undefined): number | null {
  return nanoUsd === undefined ? null : perMillion(nanoUsd);
}

function factor(perMille: number | undefined): number | null {
  return perMille === undefined ? null : perMille / 1_000;
}
