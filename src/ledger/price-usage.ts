import { type ModelPrice, priceUnder } from '../catalog/model-price.ts';
import { pricesOf } from '../catalog/own-prices.ts';
import type { Config } from '../config/schema.ts';
import { exactCostOf, factorsOf, wholeNanoUsd } from './cost.ts';
import type { Admission, Booking } from './ledger-row.ts';
import { promptTokens, type Usage, type UsageState } from './usage/usage.ts';
import type { UsageReading } from './usage/usage-meter.ts';

type OwnPrices = Config['models']['prices'];
type Priced = Pick<Admission, 'provider' | 'modelServed' | 'admittedAtMs' | 'isSubscription'>;

/**
 * What the ledger says of an answer's use: at the price of the day its request was let out, `own` prices first. A
 * subscription's answers cost nothing more.
 */
export function bookingOf(reading: UsageReading, own: OwnPrices, admission: Priced): Booking {
  return bookingOfAll([reading], own, admission)!;
}

/** The same of several answers in one row (a batch), added before the cost is rounded; null where there are none. */
export function bookingOfAll(readings: readonly UsageReading[], own: OwnPrices, admission: Priced): Booking | null {
  const [first] = readings;
  if (!first) return null;
  const sum = (field: CountField) => readings.reduce((total, { usage }) => total + usage[field], 0);
  const same = (field: 'serviceTier' | 'inferenceGeo' | 'speed') =>
    readings.every(({ usage }) => usage[field] === first.usage[field]) ? (first.usage[field] ?? null) : null;
  const costs = admission.isSubscription ? [FREE] : readings.map((reading) => priced(reading, own, admission));
  const isPriced = costs.every(({ millionths }) => millionths !== undefined);
  const versions = new Set(costs.flatMap(({ version }) => version ?? []));
  const ticks = readings.map(({ usage }) => usage.costTicks);
  return {
    usageState: costs.some(({ isEstimated }) => isEstimated) ? 'estimated' : worstOf(readings),
    inputTokens: sum('inputTokens'),
    cacheReadTokens: sum('cacheReadTokens'),
    cacheWrite5mTokens: sum('cacheWrite5mTokens'),
    cacheWrite1hTokens: sum('cacheWrite1hTokens'),
    outputTokens: sum('outputTokens'),
    reasoningTokens: sum('reasoningTokens'),
    webSearches: sum('webSearches'),
    serviceTier: same('serviceTier'),
    inferenceGeo: same('inferenceGeo'),
    speed: same('speed'),
    costTicks: ticks.includes(undefined) ? null : ticks.reduce<number>((total, tick) => total + tick!, 0),
    costNanoUsd: isPriced ? wholeNanoUsd(costs.reduce((total, { millionths }) => total + millionths!, 0n)) : null,
    priceVersion: isPriced && versions.size > 0 ? [...versions].join(' ') : null,
  };
}

type CountField = { [Field in keyof Usage]: Usage[Field] extends number ? Field : never }[keyof Usage];

const FREE = { millionths: 0n, isEstimated: false, version: undefined };

function worstOf(readings: readonly UsageReading[]): UsageState {
  const states = new Set(readings.map(({ state }) => state));
  if (states.has('estimated')) return 'estimated';
  return states.has('partial') ? 'partial' : 'reported';
}

function priced({ usage, model }: UsageReading, own: OwnPrices, admission: Priced) {
  const price = priceOf(usage, model, own, admission);
  const factors = factorsOf(usage);
  const cost = exactCostOf(usage, factors && price, factors ?? []);
  return { ...cost, version: usage.costTicks === undefined ? price?.version : undefined };
}

/** By the model the answer names, where its price is known: a provider may answer with another one than was asked. */
function priceOf(
  usage: Usage,
  answered: string | undefined,
  own: OwnPrices,
  { provider, modelServed, admittedAtMs }: Priced,
): ModelPrice | undefined {
  const priced =
    (answered === undefined ? undefined : pricesOf(own, provider, answered)) ??
    (modelServed === null ? undefined : pricesOf(own, provider, modelServed));
  const conditions = { atMs: admittedAtMs, promptTokens: promptTokens(usage), speed: usage.speed };
  return priced && priceUnder(priced.prices, conditions);
}
