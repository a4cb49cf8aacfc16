import * as v from 'valibot';
import { withoutDate } from './catalog.ts';
import type { CatalogModel } from './catalog-model.ts';
import type { ModelPrice, PriceFigures } from './model-price.ts';

/**
 * The shape of a file with models and prices, as a person writes it and as `models prices export` does: dollars per million
 * tokens with at most three decimals, which are whole nano-dollars per token. Kinds that are left out are not known; they
 * are never free.
 */

const name = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes'));
const spelling = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9._:/-]{0,99}$/, 'lower-case letters, digits and ".", "_", ":", "/", "-", at most 100'),
);
const words = v.pipe(v.string(), v.regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u, '1 to 200 characters of one line'));
const day = v.pipe(
  v.string(),
  v.check((text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isDate(text), 'a day such as "2026-10-07"'),
);
const asOf = v.pipe(
  v.string(),
  v.check((text) => /^\d{4}-\d{2}(-\d{2})?$/.test(text) && isDate(text), 'a day or a month such as "2026-11-21"'),
);
const tokens = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000_000));

/** At most a dollar a token. */
const usdPerMillion = v.pipe(
  v.number(),
  v.minValue(0),
  v.maxValue(1_000_000),
  v.check((usd) => isWhole(usd, 1_000), 'a figure with at most three decimals'),
);
const factor = v.pipe(
  v.number(),
  v.minValue(0),
  v.maxValue(1_000),
  v.check((times) => isWhole(times, 1_000), 'a figure with at most three decimals'),
);
const usdPerUse = v.pipe(
  v.number(),
  v.minValue(0),
  v.maxValue(1_000),
  v.check((usd) => isWhole(usd, 1_000_000_000), 'a figure with at most nine decimals'),
);

const priceEntries = {
  /** First and last day (UTC) on which the price is true; open where absent. */
  from: v.optional(day),
  until: v.optional(day),
  /** For requests whose whole prompt has at least, and at most, so many tokens. */
  minPromptTokens: v.optional(tokens),
  maxPromptTokens: v.optional(tokens),
  /** For answers made at that speed. */
  speed: v.optional(v.literal('fast')),
  inputUsdPerMillion: usdPerMillion,
  outputUsdPerMillion: usdPerMillion,
  cacheReadUsdPerMillion: v.optional(usdPerMillion),
  cacheWrite5mUsdPerMillion: v.optional(usdPerMillion),
  cacheWrite1hUsdPerMillion: v.optional(usdPerMillion),
  webSearchUsd: v.optional(usdPerUse),
  /** What every kind of token is multiplied by. */
  batchFactor: v.optional(factor),
  usInferenceFactor: v.optional(factor),
  priorityFactor: v.optional(factor),
};
const filePriceSchema = v.strictObject(priceEntries);
/** A price with its place in the ledger's rows. */
export const versionedPriceSchema = v.strictObject({ version: words, ...priceEntries });

const modelSchema = v.strictObject({
  provider: name,
  id: spelling,
  /** What the provider calls it. */
  wireId: spelling,
  displayName: words,
  /** Other spellings that people use. */
  aliases: v.pipe(v.array(spelling), v.maxLength(50)),
  /** Tokens; null where no source says. */
  limits: v.strictObject({ contextTokens: v.nullable(tokens), maxOutputTokens: v.nullable(tokens) }),
  vision: v.nullable(v.boolean()),
  prices: v.pipe(v.array(filePriceSchema), v.minLength(1), v.maxLength(50)),
  /** Where the figures come from. */
  source: words,
  /** `primary`: the provider's own pages. */
  confidence: v.picklist(['primary', 'secondary']),
});

export const catalogFileSchema = v.strictObject({
  /** The day, or month, on which it was true. */
  asOf,
  models: v.pipe(v.array(modelSchema), v.minLength(1), v.maxLength(2_000)),
});

export type CatalogFile = v.InferOutput<typeof catalogFileSchema>;
export type FileModel = CatalogFile['models'][number];
export type FilePrice = v.InferOutput<typeof filePriceSchema>;

/** The figures of a price in the file, in whole nano-dollars. */
export function figuresIn(price: FilePrice): PriceFigures {
  const { from, until, minPromptTokens, maxPromptTokens, speed } = price;
  const figures = {
    from,
    until,
    maxPromptTokens,
    minPromptTokens,
    speed,
    inputNanoUsd: times(price.inputUsdPerMillion, 1_000),
    outputNanoUsd: times(price.outputUsdPerMillion, 1_000),
    cacheReadNanoUsd: times(price.cacheReadUsdPerMillion, 1_000),
    cacheWrite5mNanoUsd: times(price.cacheWrite5mUsdPerMillion, 1_000),
    cacheWrite1hNanoUsd: times(price.cacheWrite1hUsdPerMillion, 1_000),
    webSearchNanoUsd: times(price.webSearchUsd, 1_000_000_000),
    batchPerMille: times(price.batchFactor, 1_000),
    usInferencePerMille: times(price.usInferenceFactor, 1_000),
    priorityPerMille: times(price.priorityFactor, 1_000),
  };
  return withoutUndefined(figures) as unknown as PriceFigures;
}

/** The same back: what `figuresIn` reads as this price. */
export function filePrice(price: ModelPrice | PriceFigures): FilePrice {
  const { from, until, minPromptTokens, maxPromptTokens, speed } = price;
  return withoutUndefined({
    from,
    until,
    minPromptTokens,
    maxPromptTokens,
    speed,
    inputUsdPerMillion: over(price.inputNanoUsd, 1_000),
    outputUsdPerMillion: over(price.outputNanoUsd, 1_000),
    cacheReadUsdPerMillion: over(price.cacheReadNanoUsd, 1_000),
    cacheWrite5mUsdPerMillion: over(price.cacheWrite5mNanoUsd, 1_000),
    cacheWrite1hUsdPerMillion: over(price.cacheWrite1hNanoUsd, 1_000),
    webSearchUsd: over(price.webSearchNanoUsd, 1_000_000_000),
    batchFactor: over(price.batchPerMille, 1_000),
    usInferenceFactor: over(price.usInferencePerMille, 1_000),
    priorityFactor: over(price.priorityPerMille, 1_000),
  }) as unknown as FilePrice;
}

/** A model as the file writes it. */
export function fileModel(model: CatalogModel): FileModel {
  const { provider, id, wireId, displayName, aliases, contextTokens, maxOutputTokens, vision, source } = model;
  return {
    provider,
    id,
    wireId,
    displayName,
    aliases: [...aliases],
    limits: { contextTokens: contextTokens ?? null, maxOutputTokens: maxOutputTokens ?? null },
    vision: vision ?? null,
    prices: model.prices.map(filePrice),
    source,
    confidence: model.confidence,
  };
}

/** The spellings among `aliases` that the provider itself takes: its own id with a day behind it. */
export function datedOf({ wireId, aliases }: Pick<FileModel, 'wireId' | 'aliases'>): string[] {
  return aliases.filter((alias) => alias !== wireId && withoutDate(alias) === wireId);
}

function times(figure: number | undefined, by: number): number | undefined {
  return figure === undefined ? undefined : Math.round(figure * by);
}

function over(figure: number | undefined, by: number): number | undefined {
  return figure === undefined ? undefined : figure / by;
}

/** Whether the figure, as it is written, is a whole number of parts. */
function isWhole(figure: number, parts: number): boolean {
  return Math.round(figure * parts) / parts === figure;
}

function isDate(text: string): boolean {
  const full = text.length === 7 ? `${text}-01` : text;
  const atMs = Date.parse(`${full}T00:00:00Z`);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(full);
}

function withoutUndefined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
