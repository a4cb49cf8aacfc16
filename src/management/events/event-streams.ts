import { MoltbotError } from '../../core/errors.ts';
import { EventCursor, type EventSources } from './event-cursor.ts';
import { eventStream } from './event-stream.ts';

/** A page or a script opens one; more are somebody's loop. */
const MOST_STREAMS = 32;

/** The event streams of one gateway. */
export class EventStreams {
  readonly #sources: EventSources;
  readonly #now: () => number;
  readonly #isStopping: () => boolean;
  #open = 0;

  /** Streams end within a quarter of a second once `isStopping`. */
  constructor(sources: EventSources, now: () => number, isStopping: () => boolean) {
    this.#sources = sources;
    this.#now = now;
    this.#isStopping = isStopping;
  }

  /** `mayStillRead` is asked four times a second: a revoked admin key ends its streams. LIMIT_REACHED. */
  open(afterSeq: number | undefined, mayStillRead: () => boolean): ReadableStream<Uint8Array> {
    if (this.#open >= MOST_STREAMS) throw tooMany();
    const cursor = new EventCursor(this.#sources, afterSeq);
    this.#open += 1;
    return eventStream(cursor, {
      now: this.#now,
      endsBecause: () => {
        if (this.#isStopping()) return 'gateway_stopping';
        return mayStillRead() ? undefined : 'key_revoked';
      },
      onClose: () => {
        this.#open -= 1;
      },
    });
  }
}

function tooMany(): MoltbotError {
  return new MoltbotError('LIMIT_REACHED', `${MOST_STREAMS} event streams are open already.`, {
    hint: 'Close one of them.',
  });
}
