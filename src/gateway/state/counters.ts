import type { Provider, Route } from '../../providers/provider.ts';
import type { HealthState, Outcome } from '../../rotation/types.ts';
import type { Ending } from '../answer/answer-head.ts';
import { Distribution } from './distribution.ts';
import { Tally } from './tally.ts';

/** A first byte is quick or thought about; a long answer takes minutes. */
const FIRST_BYTE_MS = [25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000];
const DURATION_MS = [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000];
const LAG_MS = [1, 5, 10, 25, 50, 100, 250, 1_000];

/** A request that came as far as a provider, once it is over. */
export interface EndedRequest {
  readonly provider: Provider;
  readonly route: Route;
  /** Undefined: the client left before there was an answer. */
  readonly status: number | undefined;
  readonly outcome: Outcome;
  readonly ending: Ending;
  readonly durationMs: number;
  readonly sentBytes: number;
}

/** What the proxy did since it started, as numbers only: read by whoever shows them, written a few times per request. */
export class Counters {
  readonly startedAtMs: number;
  readonly requests = new Tally('provider', 'route', 'status', 'outcome', 'ending');
  /** Answers of our own in place of a provider's. */
  readonly refusals = new Tally('code');
  readonly authenticationFailures = new Tally('code');
  readonly attempts = new Tally('provider', 'outcome');
  /** Attempts after the first of a request. */
  readonly retries = new Tally('provider');
  readonly cooldowns = new Tally('provider', 'kind', 'reason');
  readonly sentBytes = new Tally('provider');
  /** Milliseconds from the request's arrival to the head of its answer, all attempts included; by provider. */
  readonly firstByteMs = new Distribution(FIRST_BYTE_MS);
  readonly durationMs = new Distribution(DURATION_MS);
  /** By how many milliseconds the heartbeat came late: work that kept the event loop busy. */
  readonly lagMs = new Distribution(LAG_MS);
  /** Event streams being relayed now. */
  openStreams = 0;

  constructor(startedAtMs: number) {
    this.startedAtMs = startedAtMs;
  }

  noteRequest({ provider, route, status, outcome, ending, durationMs, sentBytes }: EndedRequest): void {
    const statusClass = status === undefined ? 'none' : `${Math.floor(status / 100)}xx`;
    this.requests.add([provider.id, route.purpose, statusClass, outcome, ending]);
    this.sentBytes.add([provider.id], sentBytes);
    this.durationMs.note(provider.id, Math.max(0, durationMs));
  }

  noteAttempt(providerId: string, outcome: Outcome, isRetry: boolean): void {
    this.attempts.add([providerId, outcome]);
    if (isRetry) this.retries.add([providerId]);
  }

  noteCooldown(providerId: string, { kind, reason }: HealthState): void {
    this.cooldowns.add([providerId, kind, reason]);
  }
}
