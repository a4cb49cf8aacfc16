import type { BodyName } from './bodies.ts';

/** Where requests of a job go, and as whom. */
export interface Target {
  readonly name: string;
  readonly port: number;
  readonly path: string;
  readonly token: string;
}

/** `concurrency` connections, each sending its next request as soon as it has the answer to the last, for `forMs`. */
export interface ClosedLoopJob {
  readonly kind: 'closed-loop';
  readonly target: Target;
  readonly body: BodyName;
  readonly concurrency: number;
  readonly forMs: number;
}

export interface ClosedLoopResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** What an event stream of the upstream is asked for, in the request's body. */
export interface StreamPlan {
  /** `held`: the first event at once, the others and the end when the upstream is told so. */
  readonly mode: 'paced' | 'held';
  readonly events: number;
  readonly gapMs: number;
  /** Each write ends in the middle of the next event. */
  readonly isTorn: boolean;
}

/** What the upstream is told about held streams; to `go on` it answers when all their events are sent. */
export type HeldWish = 'go on' | 'finish';

/** Opens streams, `openAtOnce` at a time, and reads them to their ends. */
export interface StreamsJob {
  readonly kind: 'streams';
  readonly target: Target;
  readonly streams: number;
  readonly openAtOnce: number;
  readonly plan: Omit<StreamPlan, 'isTorn'>;
}

export interface StreamsResult {
  readonly events: number;
  /** From sending the request to the first whole event, median. */
  readonly firstEventMs: number;
  /** From upstream's write that makes an event whole to its arrival as a whole, median. */
  readonly delayMs: number;
  /** How far the time between two events differs from the time between their writes, median. */
  readonly gapErrorMs: number;
  /** Events that came only after upstream had sent the next one. */
  readonly late: number;
}

export type Job = ClosedLoopJob | StreamsJob;
