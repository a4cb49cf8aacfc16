import { isMoltbotError } from '../../core/errors.ts';
import { DAY_MS, HOUR_MS } from '../../core/time.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { CatalogWatch } from './catalog-watch.ts';
import type { GatewayBooks } from './gateway-books.ts';
import type { SpendLimits } from './spend-limits.ts';
import type { StateWatch } from './watch-state.ts';

/** How long one that has ended is still told from one that never was. */
const KEEP_ENDED_TOKENS_MS = 7 * DAY_MS;
const BEAT_MS = 250;
const BEATS_PER_SECOND = 1000 / BEAT_MS;
const BEATS_PER_HOUR = HOUR_MS / BEAT_MS;
/** The wall clock against the monotonic one: more than this is a suspend or a clock that was set. */
const CLOCK_JUMP_MS = 2_000;

/** What the gateway does between requests, four times a second: notice revocations, write down, clean up. */
export class Heartbeat {
  readonly #gateway: GatewayParts;
  readonly #watch: StateWatch;
  readonly #books: GatewayBooks;
  readonly #spendLimits: SpendLimits;
  readonly #catalog: CatalogWatch;
  #timer: NodeJS.Timeout | undefined;
  #beats = 0;
  #clockGapMs = Date.now() - performance.now();
  #failing = false;
  #dueAtMs = 0;

  constructor(
    gateway: GatewayParts,
    watch: StateWatch,
    books: GatewayBooks,
    spendLimits: SpendLimits,
    catalog: CatalogWatch,
  ) {
    this.#gateway = gateway;
    this.#watch = watch;
    this.#books = books;
    this.#spendLimits = spendLimits;
    this.#catalog = catalog;
  }

  start(): void {
    this.#dueAtMs = performance.now() + BEAT_MS;
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
    this.#guarded(() => this.#spendLimits.look());
    this.#gateway.cacheTtls.look();
  }

  /** Writes down what is left of the gateway that listened there. */
  stop(url: string): void {
    clearInterval(this.#timer);
    this.#gateway.cacheTtls.stop();
    this.#guarded(() => this.#gateway.later.flush(this.#gateway.now()));
    this.#guarded(() => this.#books.stopped(url));
  }

  #beat(): void {
    this.#beats += 1;
    this.#noteLag();
    this.#noticeClockJump();
    this.#gateway.disk.look();
    this.#guarded(() => {
      this.#watch.refresh();
      this.#watch.cutEnded();
      this.#books.beat();
      if (this.#beats % BEATS_PER_SECOND === 0) this.#everySecond();
      if (this.#beats % BEATS_PER_HOUR === 0) this.#cleanUp();
    });
    this.#catalog.look();
  }

  #everySecond(): void {
    this.#gateway.later.flush(this.#gateway.now());
    this.#gateway.budgets.look();
    this.#spendLimits.look();
    this.#gateway.cacheTtls.look();
  }

  /** Node's timers do not catch up: a beat is due `BEAT_MS` after the one before began. */
  #noteLag(): void {
    const nowMs = performance.now();
    this.#gateway.counters.lagMs.note('heartbeat', Math.max(0, nowMs - this.#dueAtMs));
    this.#dueAtMs = nowMs + BEAT_MS;
  }

  #cleanUp(): void {
    const { health, config, ownedIds, limits, budgets, books, now } = this.#gateway;
    health.forget(config().auth.cooldowns, now());
    ownedIds.prune(now());
    limits.prune(now());
    budgets.prune(now());
    books.tokens.prune(now(), KEEP_ENDED_TOKENS_MS);
  }

  /** Sockets that were open when the machine slept are dead without knowing it. */
  #noticeClockJump(): void {
    const gapMs = Date.now() - performance.now();
    if (Math.abs(gapMs - this.#clockGapMs) > CLOCK_JUMP_MS) this.#gateway.upstream.dropIdle();
    this.#clockGapMs = gapMs;
  }

  /** The state may be locked, full or gone for a while: requests say so; here it is said once and tried again. */
  #guarded(work: () => void): void {
    try {
      work();
      this.#failing = false;
    } catch (error) {
      if (!isMoltbotError(error)) throw error;
      if (!this.#failing && error.code !== 'DATABASE_BUSY')
        this.#gateway.log.error({ code: error.code }, error.message);
      this.#failing = true;
    }
  }
}
