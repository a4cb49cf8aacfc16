import { type ModelPrice, priceUnder } from '../catalog/model-price.ts';
import { pricesOf } from '../catalog/own-prices.ts';
import type { Config } from '../config/schema.ts';
import { type ExactCost, exactCostOf, factorsOf, wholeNanoUsd } from './cost.ts';
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
  return booking(reading.usage, reading.state, priced(reading, own, admission));
}

/** The same of several answers in one row (a batch), added before the cost is rounded; null where there are none. */
export function bookingOfAll(readings: readonly UsageReading[], own: OwnPrices, admission: Priced): Booking | null {
  const [first] = readings;
  if (!first) return null;
  const costs = readings.map((reading) => priced(reading, own, admission));
  return booking(sumOf(readings), worstOf(readings), {
    millionths: costs.every(({ millionths }) => millionths !== undefined)
      ? costs.reduce((total, { millionths }) => total + millionths!, 0n)
      : undefined,
    isEstimated: costs.some(({ isEstimated }) => isEstimated),
    version: [...new Set(costs.flatMap(({ version }) => version ?? []))].join(' ') || undefined,
  });
}

interface VersionedCost extends ExactCost {
  /** Of the prices it was reckoned with. */
  readonly version: string | undefined;
}

/** No answer costs $10,000: a figure of the provider's that comes to more is not believed, and has no price. */
const MOST_MILLIONTHS = 10_000_000_000_000_000_000n;
const UNBELIEVED: VersionedCost = { millionths: undefined, isEstimated: false, version: undefined };
const FREE: VersionedCost = { millionths: 0n, isEstimated: false, version: undefined };

function booking(usage: Usage, state: UsageState, { millionths, isEstimated, version }: VersionedCost): Booking {
  return {
    usageState: isEstimated ? 'estimated' : state,
    inputTokens: usage.inputTokens,
    cacheReadTokens: usage.cacheReadTokens,
    cacheWrite5mTokens: usage.cacheWrite5mTokens,
    cacheWrite1hTokens: usage.cacheWrite1hTokens,
    outputTokens: usage.outputTokens,
    reasoningTokens: usage.reasoningTokens,
    webSearches: usage.webSearches,
    serviceTier: usage.serviceTier ?? null,
    inferenceGeo: usage.inferenceGeo ?? null,
    speed: usage.speed ?? null,
    costTicks: usage.costTicks ?? null,
    costNanoUsd: millionths === undefined ? null : readable(wholeNanoUsd(millionths)),
    priceVersion: millionths === undefined ? null : (version ?? null),
  };
}

/** What all of them used; words that they do not share are left out. */
function sumOf(readings: readonly UsageReading[]): Usage {
  const all = readings.map(({ usage }) => usage);
  const sum = (field: CountField) => readable(all.reduce((total, usage) => total + usage[field], 0));
  const same = (field: 'serviceTier' | 'inferenceGeo' | 'speed') =>
    all.every((usage) => usage[field] === all[0]![field]) ? all[0]![field] : undefined;
  return {
    inputTokens: sum('inputTokens'),
    cacheReadTokens: sum('cacheReadTokens'),
    cacheWrite5mTokens: sum('cacheWrite5mTokens'),
    cacheWrite1hTokens: sum('cacheWrite1hTokens'),
    outputTokens: sum('outputTokens'),
    reasoningTokens: sum('reasoningTokens'),
    audioTokens: sum('audioTokens'),
    webSearches: sum('webSearches'),
    otherToolUses: sum('otherToolUses'),
    costTicks: all.reduce<number | undefined>(
      (total, { costTicks }) =>
        total === undefined || costTicks === undefined ? undefined : readable(total + costTicks),
      0,
    ),
    serviceTier: same('serviceTier'),
    inferenceGeo: same('inferenceGeo'),
    speed: same('speed'),
  };
}

/** The most that can be read back: results that somebody made up may come to more. */
function readable(figure: number): number {
  return Math.min(figure, Number.MAX_SAFE_INTEGER);
}

type CountField = { [Field in keyof Usage]: Usage[Field] extends number ? Field : never }[keyof Usage];

function worstOf(readings: readonly UsageReading[]): UsageState {
  const states = new Set(readings.map(({ state }) => state));
  if (states.has('estimated')) return 'estimated';
  return states.has('partial') ? 'partial' : 'reported';
}

function priced({ usage, model }: UsageReading, own: OwnPrices, admission: Priced): VersionedCost {
  if (admission.isSubscription) return FREE;
  const price = priceOf(usage, model, own, admission);
  const factors = factorsOf(usage);
  const { millionths, isEstimated } = exactCostOf(usage, factors && price, factors ?? []);
  if (millionths !== undefined && millionths > MOST_MILLIONTHS) return UNBELIEVED;
  return { millionths, isEstimated, version: usage.costTicks === undefined ? price?.version : undefined };
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
