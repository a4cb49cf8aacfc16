import { MoltbotError } from '../../core/errors.ts';
import { EventCursor, type EventSources } from './event-cursor.ts';
import { eventStream } from './event-stream.ts';

/** A page or a script opens one; more are somebody's loop. */
const MOST_STREAMS = 32;

/** The event streams of one gateway. */
export class EventStreams {
  readonly #sources: EventSources;
  readonly #now: () => number;
  #open = 0;
  #isStopping = false;

  constructor(sources: EventSources, now: () => number) {
    this.#sources = sources;
    this.#now = now;
  }

  /** `mayStillRead` is asked four times a second: a revoked admin key ends its streams. LIMIT_REACHED. */
  open(afterSeq: number | undefined, mayStillRead: () => boolean): ReadableStream<Uint8Array> {
    if (this.#open >= MOST_STREAMS) throw tooMany();
    const cursor = new EventCursor(this.#sources, afterSeq);
    this.#open += 1;
    return eventStream(cursor, {
      now: this.#now,
      endsBecause: () => {
        if (this.#isStopping) return 'gateway_stopping';
        return mayStillRead() ? undefined : 'key_revoked';
      },
      onClose: () => {
        this.#open -= 1;
      },
    });
  }

  /** Ends all streams within a quarter of a second. */
  stop(): void {
    this.#isStopping = true;
  }
}

function tooMany(): MoltbotError {
  return new MoltbotError('LIMIT_REACHED', `${MOST_STREAMS} event streams are open already.`, {
    hint: 'Close one of them.',
  });
}
