import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { MoltbotError } from '../../core/errors.ts';
import { AddressRefused } from '../../providers/upstream.ts';
import { headerOf } from '../headers/raw-headers.ts';

/** One request to an upstream, complete and shaped. */
export interface UpstreamRequest {
  readonly origin: string;
  readonly method: string;
  /** Path and query, from the origin's root. */
  readonly path: string;
  /** Flat list: name, value, name, value … */
  readonly headers: string[];
  readonly body: Buffer | Readable | undefined;
}

/** Where an answer's body goes once somebody wants it. `data` gives false to ask for a pause (see `resume`). */
export interface AnswerSink {
  data(chunk: Buffer): boolean;
  end(): void;
  broken(): void;
}

/** The client's wish to stop, known to whatever is under way for it. Cheaper than an AbortSignal on the hot path. */
export class Cancel {
  isCancelled = false;
  /** What stops the step that is under way. */
  onCancel: (() => void) | undefined;

  cancel(): void {
    this.isCancelled = true;
    this.onCancel?.();
  }
}

/** Of a body that nobody takes yet. */
const MOST_EARLY_BYTES = 64 * 1024;

/** How an attempt to get an answer failed before its head came. */
export type ForwardFailure = 'unreachable' | 'refused_address' | 'broken' | 'silent' | 'cancelled';

export interface ForwardFailed {
  readonly failed: ForwardFailure;
  /** A system code such as ECONNREFUSED, for the log. */
  readonly detail: string;
}

/**
 * Sends one request and gives the answer as soon as its head is there. Reads nothing of the body until `pipe` is called.
 * Time limits: none on connecting beyond the pool's own; `firstByteMs` from sending to the head.
 */
export function forward(
  pool: Dispatcher,
  request: UpstreamRequest,
  firstByteMs: number,
  cancel: Cancel,
): Promise<UpstreamAnswer | ForwardFailed> {
  return new Promise((resolve) => {
    const answer = new UpstreamAnswer(resolve, firstByteMs, cancel);
    try {
      pool.dispatch(
        {
          origin: request.origin,
          path: request.path,
          method: request.method as Dispatcher.HttpMethod,
          headers: request.headers,
          body: request.body ?? null,
        },
        answer,
      );
    } catch (error) {
      answer.onResponseError(undefined, error instanceof Error ? error : new Error('dispatch failed'));
    }
  });
}

/**
 * An answer of an upstream: undici's handler and what the pipeline sees, in one object, because one is made per request
 * and every callback here is on the hot path.
 */
export class UpstreamAnswer implements Dispatcher.DispatchHandler {
  status = 0;
  /** As received, in order and case: name, value, name, value … (latin1); then without our credential (`attempt`). */
  rawHeaders: readonly string[] = [];

  readonly #resolve: (result: UpstreamAnswer | ForwardFailed) => void;
  readonly #cancel: Cancel;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #sink: AnswerSink | undefined;
  /** What arrived between the head and `pipe`. */
  #early: Buffer[] = [];
  #earlyBytes = 0;
  #ended: 'no' | 'whole' | 'broken' = 'no';
  #timedOut = false;

  constructor(resolve: (result: UpstreamAnswer | ForwardFailed) => void, firstByteMs: number, cancel: Cancel) {
    this.#resolve = resolve;
    this.#cancel = cancel;
    this.#timer = setTimeout(() => {
      this.#timedOut = true;
      this.abort();
      this.#giveUp('silent', 'no answer in time');
    }, firstByteMs);
    cancel.onCancel = () => this.abort();
  }

  /** The first value of a header, by lower-case name. */
  header(name: string): string | undefined {
    return headerOf(this.rawHeaders, name);
  }

  /** Lets the body flow into `sink`. Call it once. */
  pipe(sink: AnswerSink): void {
    this.#sink = sink;
    const early = this.#early;
    this.#early = [];
    let wantsMore = true;
    for (const chunk of early) wantsMore = sink.data(chunk) && wantsMore;
    if (this.#ended === 'whole') sink.end();
    else if (this.#ended === 'broken') sink.broken();
    else if (wantsMore) this.#controller?.resume();
  }

  /** In place of `pipe`, the whole body where it has come with the head, as short ones do; undefined: it has not, or is empty. */
  takeWhole(): Buffer | undefined {
    if (this.#ended !== 'whole' || this.#earlyBytes === 0) return undefined;
    return this.#early.length === 1 ? this.#early[0] : Buffer.concat(this.#early);
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  /** Cancels the request upstream; its connection is closed. Nothing reaches the sink any more. */
  abort(): void {
    this.#sink = undefined;
    if (this.#controller && this.#ended === 'no') this.#controller.abort(new Error('cancelled by the gateway'));
    else if (!this.#controller) this.#giveUp(this.#timedOut ? 'silent' : 'cancelled', 'before it was sent');
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#cancel.isCancelled || this.#timedOut) controller.abort(new Error('cancelled by the gateway'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // 1xx heads are not the answer.
    if (status < 200) return;
    clearTimeout(this.#timer);
    this.status = status;
    this.rawHeaders = textHeaders(controller.rawHeaders);
    this.#resolve(this);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#sink) this.#keepEarly(controller, chunk);
    else if (!this.#sink.data(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.#finish('whole');
    this.#sink?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    const wasSent = this.#controller !== undefined;
    this.#finish('broken');
    if (this.status > 0) this.#sink?.broken();
    else this.#giveUp(this.#failureOf(error, wasSent), detailOf(error));
  }

  /** Usually the whole of a short answer: upstream is asked to pause only for more than that, because a pause is dear. */
  #keepEarly(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#early.push(chunk);
    this.#earlyBytes += chunk.length;
    if (this.#earlyBytes > MOST_EARLY_BYTES) controller.pause();
  }

  #failureOf(error: Error, wasSent: boolean): ForwardFailure {
    if (this.#cancel.isCancelled) return 'cancelled';
    if (this.#timedOut) return 'silent';
    if (isAddressRefused(error)) return 'refused_address';
    return wasSent ? 'broken' : 'unreachable';
  }

  #giveUp(failed: ForwardFailure, detail: string): void {
    this.#finish('broken');
    this.#resolve({ failed, detail });
  }

  #finish(how: 'whole' | 'broken'): void {
    clearTimeout(this.#timer);
    if (this.#ended === 'no') this.#ended = how;
  }
}

export function isFailed(result: UpstreamAnswer | ForwardFailed): result is ForwardFailed {
  return 'failed' in result;
}

/** What to tell the client when no answer came. */
export function forwardError(failure: ForwardFailure, providerId: string, origin: string): MoltbotError {
  const hint = `See: moltbot backend status ${providerId}`;
  switch (failure) {
    case 'refused_address':
      return new MoltbotError(
        'ADDRESS_NOT_ALLOWED',
        `${providerId} (${origin}) resolves to an address that is not allowed.`,
        {
          hint: `If that is meant, set models.providers.${providerId}.allowPrivateNetwork to true.`,
        },
      );
    case 'silent':
      return new MoltbotError('UPSTREAM_SILENT', `${providerId} (${origin}) did not answer in time.`, { hint });
    case 'broken':
      return new MoltbotError(
        'UPSTREAM_BROKEN',
        `The connection to ${providerId} (${origin}) broke before an answer came.`,
        { hint },
      );
    default:
      return new MoltbotError('PROVIDER_UNREACHABLE', `${providerId} cannot be reached at ${origin}.`, { hint });
  }
}

function textHeaders(raw: Dispatcher.DispatchController['rawHeaders']): string[] {
  if (!Array.isArray(raw)) return [];
  return raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
}

/** Only the code: a foreign message may hold anything. */
function detailOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function isAddressRefused(error: unknown): boolean {
  if (error instanceof AddressRefused) return true;
  if (error instanceof AggregateError) return error.errors.some(isAddressRefused);
  return error instanceof Error && isAddressRefused(error.cause);
}
