import type { UsageMeter } from '../../ledger/usage/usage-meter.ts';
import type { WireFormat } from '../../providers/provider.ts';
import { type BreakCause, breakCode, breakMessage } from './break-cause.ts';
import { errorEvent, keepAlive } from './error-event.ts';
import { EventSplitter } from './event-splitter.ts';
import { findUsage } from './find-usage.ts';
import type { Redactor } from './redactor.ts';
import { readStreamEvent, type StreamEvent } from './stream-event.ts';
import { TerminalWatch } from './terminal.ts';

export interface EventRelayOptions {
  readonly format: WireFormat;
  readonly redactor: Redactor;
  /** Name of the provider and our request id, for the text of an error. */
  readonly provider: string;
  readonly requestId: string;
  readonly nowMs: number;
  readonly keepAliveAfterMs: number;
  readonly silenceMs: number;
  /** Is shown every event, to read what the answer used. */
  readonly meter: UsageMeter | undefined;
  /** The chunk of a chat stream that has the usage and nothing else was not asked for by the client: it is left out. */
  readonly isUsageOurs: boolean;
}

/** `complete`: the terminal event passed. `upstream_error`: the provider's own error event did. */
export type RelayVerdict = 'running' | 'complete' | 'upstream_error' | BreakCause;

/**
 * One event stream on its way back, without a socket: bytes in, bytes out. Whatever a call returns is written to the
 * client at once; then, if `isOver`, the client's response is ended and the upstream request (if it still runs) is
 * aborted. Nothing is returned after that. Times are monotonic milliseconds (`IdleTicker.now()`).
 *
 * Costs about 1 KB per open stream while no event is unfinished.
 */
export class EventRelay {
  readonly #options: EventRelayOptions;
  readonly #splitter = new EventSplitter();
  readonly #watch: TerminalWatch;
  #lastReceivedMs: number;
  #lastSentMs: number;
  #isHeld = false;
  #verdict: RelayVerdict = 'running';

  constructor(options: EventRelayOptions) {
    this.#options = options;
    this.#watch = new TerminalWatch(options.format);
    this.#lastReceivedMs = options.nowMs;
    this.#lastSentMs = options.nowMs;
  }

  get verdict(): RelayVerdict {
    return this.#verdict;
  }

  get isOver(): boolean {
    return this.#verdict !== 'running';
  }

  /** The verdict as it stands once the terminal event has been given out, although upstream has not ended yet. */
  get comingVerdict(): RelayVerdict {
    if (this.isOver || this.#watch.ending === 'none') return this.#verdict;
    return this.#watch.ending === 'error' ? 'upstream_error' : 'complete';
  }

  /** Events with data that came from upstream. While it is 0, nothing of the answer has been seen by the client. */
  get eventCount(): number {
    return this.#watch.eventCount;
  }

  /** Bytes from upstream, already decoded. */
  push(chunk: Buffer, nowMs: number): Buffer | undefined {
    if (this.isOver) return undefined;
    this.#lastReceivedMs = nowMs;
    const whole = this.#splitter.push(chunk);
    if (whole === undefined) return this.#splitter.isOversized ? this.break('oversized') : undefined;
    this.#lastSentMs = nowMs;
    const { kept, isGarbage } = this.#watchEvents(whole);
    const good = this.#options.redactor.redactEvents(kept);
    if (isGarbage) return joined(good, this.break('garbage'));
    return this.#splitter.isOversized ? joined(good, this.break('oversized')) : good;
  }

  /** Upstream ended its body in an orderly way. */
  end(): Buffer | undefined {
    if (this.isOver) return undefined;
    const tail = this.#splitter.takeTail();
    // Some servers leave out the last blank line, so that their last event is a tail.
    const event = readStreamEvent(tail, 0, tail.length);
    this.#watch.see(event);
    this.#measure(event, tail);
    const isCut = event.data === 'garbage';
    if (!this.#watch.mayEnd || (isCut && this.#watch.ending === 'none')) return this.break('truncated');
    this.#finish();
    return isCut || event.data === 'none' || this.#isLeftOut(event)
      ? undefined
      : this.#options.redactor.redactEvents(tail);
  }

  /**
   * Ends the stream because of `cause`; the unfinished tail is dropped. Returns the error event, or undefined when the
   * client already had the terminal event (or an error event): then the answer was complete and the verdict says so.
   */
  break(cause: BreakCause): Buffer | undefined {
    if (this.isOver) return undefined;
    if (this.#watch.ending !== 'none') {
      this.#finish();
      return undefined;
    }
    this.#verdict = cause;
    const { format, provider, requestId, silenceMs } = this.#options;
    return errorEvent(format, {
      message: `${breakMessage(cause, provider, silenceMs)} (${requestId})`,
      code: breakCode(cause).toLowerCase(),
      sequenceNumber: this.#watch.nextSequenceNumber,
    });
  }

  /** Call about every second: gives a keep-alive when one is due, ends the stream when upstream is silent too long. */
  tick(nowMs: number): Buffer | undefined {
    if (this.isOver || this.#isHeld) return undefined;
    const { format, keepAliveAfterMs, silenceMs } = this.#options;
    if (nowMs - this.#lastReceivedMs >= silenceMs) return this.break('silent');
    if (nowMs - this.#lastSentMs < keepAliveAfterMs || this.#watch.ending !== 'none') return undefined;
    this.#lastSentMs = nowMs;
    return keepAlive(format);
  }

  /** The client does not read, so upstream was paused: its silence is ours, and a keep-alive would only pile up. */
  hold(): void {
    this.#isHeld = true;
  }

  /** The client reads again and upstream was resumed. */
  release(nowMs: number): void {
    this.#isHeld = false;
    this.#lastReceivedMs = nowMs;
    this.#lastSentMs = nowMs;
  }

  /** The events before the first that cannot belong to an answer, without what is not the client's. */
  #watchEvents(whole: Buffer): { kept: Buffer; isGarbage: boolean } {
    const pieces: Buffer[] = [];
    let from = 0;
    let start = 0;
    let isGarbage = false;
    for (const end of this.#splitter.ends) {
      const event = readStreamEvent(whole, start, end);
      isGarbage = event.data === 'garbage' && this.#watch.ending === 'none';
      if (isGarbage) break;
      this.#watch.see(event);
      this.#measure(event, whole.subarray(start, end));
      if (this.#isLeftOut(event)) {
        pieces.push(whole.subarray(from, start));
        from = end;
      }
      start = end;
    }
    const last = whole.subarray(from, start);
    return { kept: pieces.length === 0 ? last : Buffer.concat([...pieces, last]), isGarbage };
  }

  #measure({ data }: StreamEvent, bytes: Buffer): void {
    const { meter } = this.#options;
    if (!meter) return;
    if (typeof data === 'object') meter.seeEvent(data);
    else if (data === 'large') meter.seeUsage(findUsage(bytes));
  }

  #isLeftOut({ data }: StreamEvent): boolean {
    if (!this.#options.isUsageOurs || typeof data !== 'object') return false;
    return Array.isArray(data.choices) && data.choices.length === 0 && typeof (data.usage ?? undefined) === 'object';
  }

  #finish(): void {
    this.#verdict = this.#watch.ending === 'error' ? 'upstream_error' : 'complete';
  }
}

function joined(first: Buffer, second: Buffer | undefined): Buffer {
  return second === undefined ? first : Buffer.concat([first, second]);
}
