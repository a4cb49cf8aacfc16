import type { Logger } from 'pino';
import type { CacheTtl } from '../../catalog/model-price.ts';
import { formatModelRef } from '../../config/model-ref.ts';
import type { Config } from '../../config/schema.ts';
import { isMoltbotError } from '../../core/errors.ts';
import { type Clock, HOUR_MS } from '../../core/time.ts';
import type { Database } from '../../database/database.ts';
import { adviseOnCache } from '../../ledger/cache-advice/advise-on-cache.ts';
import { CHOICE_WINDOW_MS, cacheChoiceOf, USUAL_TTL } from '../../ledger/cache-advice/cache-choice.ts';
import { CacheChoiceStore } from '../../ledger/cache-advice/cache-choice-store.ts';
import type { ModelChoice } from '../choose/requested-model.ts';
import type { ChosenParams } from '../shape/shape-body.ts';

export interface CacheTtlsParts {
  readonly database: Database;
  readonly config: () => Config;
  /** Runs a write now, or again soon when the database is busy. */
  readonly persist: (write: () => void) => void;
  readonly log: Logger;
  readonly now: Clock;
}

const CHOOSE_EVERY_MS = HOUR_MS;

/**
 * Which lifetime `cacheControlTtl: "auto"` means for each model: what would have cost less in the last 30 days. Chosen
 * anew at the start and every hour, between requests; a restart goes on with what was chosen last.
 */
export class CacheTtls {
  readonly #parts: CacheTtlsParts;
  readonly #store: CacheChoiceStore;
  readonly #stop = new AbortController();
  #ttls: ReadonlyMap<string, CacheTtl>;
  #chosenAtMs: number | undefined;
  #isChoosing = false;

  constructor(parts: CacheTtlsParts) {
    this.#parts = parts;
    this.#store = new CacheChoiceStore(parts.database);
    this.#ttls = new Map(this.#store.list().map(({ model, ttl }) => [model, ttl]));
  }

  /** The parameters of a model with what was chosen in the place of `auto`. */
  chosenParams({
    provider,
    healthModel,
    params,
  }: Pick<ModelChoice, 'provider' | 'healthModel' | 'params'>): ChosenParams {
    const { cacheControlTtl, ...others } = params;
    if (cacheControlTtl !== 'auto') return { ...others, cacheControlTtl };
    const model = healthModel === undefined ? '' : formatModelRef({ provider: provider.id, model: healthModel });
    return { ...others, cacheControlTtl: this.#ttls.get(model) ?? USUAL_TTL };
  }

  /** Begins to choose where it is time for that and a model has `auto`. Called about every second. */
  look(): void {
    const { config, now } = this.#parts;
    const isDue = this.#chosenAtMs === undefined || Math.abs(now() - this.#chosenAtMs) >= CHOOSE_EVERY_MS;
    if (this.#isChoosing || !isDue || this.#stop.signal.aborted || !hasAuto(config())) return;
    this.#isChoosing = true;
    this.#chosenAtMs = now();
    void this.#choose(this.#chosenAtMs).finally(() => {
      this.#isChoosing = false;
    });
  }

  stop(): void {
    this.#stop.abort();
  }

  async #choose(nowMs: number): Promise<void> {
    const { database, config, persist, log } = this.#parts;
    const query = { sinceMs: nowMs - CHOICE_WINDOW_MS, ownPrices: config().models.prices, signal: this.#stop.signal };
    try {
      const advice = await adviseOnCache(database, query);
      if (this.#stop.signal.aborted) return;
      const choices = advice.map((sums) => cacheChoiceOf(sums, nowMs));
      for (const { model, ttl, ...figures } of choices)
        if (ttl !== (this.#ttls.get(model) ?? USUAL_TTL)) log.info({ model, ttl, ...figures }, 'another cache time');
      this.#ttls = new Map(choices.map(({ model, ttl }) => [model, ttl]));
      persist(() => this.#store.replace(choices));
    } catch (error) {
      if (!isMoltbotError(error)) throw error;
      log.warn({ code: error.code }, `cache times stay as they are for an hour: ${error.message}`);
    }
  }
}

function hasAuto({ agents }: Config): boolean {
  const settings = [agents.defaults.models, ...agents.list.map(({ models }) => models ?? {})];
  return settings.some((models) => Object.values(models).some(({ params }) => params?.cacheControlTtl === 'auto'));
}
