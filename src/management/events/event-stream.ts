import { isMoltbotError } from '../../core/errors.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { EventCursor } from './event-cursor.ts';
import { HEARTBEAT, sseText } from './sse-text.ts';

/** Why a stream is ended by us; the last event says it. */
export type EndCause = 'key_revoked' | 'gateway_stopping' | 'state_unavailable' | 'not_read';

export interface EventStreamOptions {
  readonly now: () => number;
  /** Asked four times a second. */
  readonly endsBecause: () => EndCause | undefined;
  readonly onClose: () => void;
  readonly heartbeatMs?: number;
  /** A client that has taken nothing for so long is gone, or may come back with the last id. */
  readonly patienceMs?: number;
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

const LOOK_EVERY_MS = 250;
/** Proxies on the way close what is silent for a minute. */
const HEARTBEAT_MS = 15 * SECOND_MS;
const PATIENCE_MS = 60 * SECOND_MS;

/**
 * The body of `GET /events`. It is looked for news four times a second and whenever the client has taken what there was;
 * for a client that does not read nothing is written and nothing is kept.
 */
export function eventStream(cursor: EventCursor, options: EventStreamOptions): ReadableStream<Uint8Array> {
  const { now, endsBecause, onClose, heartbeatMs = HEARTBEAT_MS, patienceMs = PATIENCE_MS } = options;
  const encoder = new TextEncoder();
  let timer: NodeJS.Timeout | undefined;
  let lastWordMs = 0;
  let isOver = false;

  const stop = () => {
    if (isOver) return;
    isOver = true;
    clearInterval(timer);
    onClose();
  };
  const write = (controller: Controller, text: string) => {
    lastWordMs = performance.now();
    controller.enqueue(encoder.encode(text));
  };
  const end = (controller: Controller, cause: EndCause) => {
    stop();
    // Who does not read would not see the last event either, and would keep the connection.
    if (isFull(controller)) return controller.error(new Error(cause));
    write(controller, sseText({ event: 'end', data: { cause } }));
    controller.close();
  };
  const look = (controller: Controller) => {
    if (isOver) return;
    const cause = whileReadable<EndCause | undefined>(endsBecause, undefined);
    if (cause) return end(controller, cause);
    const silentMs = performance.now() - lastWordMs;
    if (isFull(controller)) return silentMs < patienceMs ? undefined : end(controller, 'not_read');
    const events = whileReadable(() => cursor.next(now()), []);
    if (!Array.isArray(events)) return end(controller, events);
    if (events.length > 0) write(controller, events.map(sseText).join(''));
    else if (silentMs >= heartbeatMs) write(controller, HEARTBEAT);
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      // Leaves at once, with the head: the client knows that it is heard.
      write(controller, HEARTBEAT);
      timer = setInterval(() => look(controller), LOOK_EVERY_MS);
    },
    pull: look,
    cancel: stop,
  });
}

function isFull({ desiredSize }: Controller): boolean {
  return (desiredSize ?? 0) <= 0;
}

/**
 * What `read` gives. A state that is only busy is asked again at the next look; anything else ends this stream, because
 * an exception in a timer would end the gateway.
 */
function whileReadable<T>(read: () => T, whenBusy: T): T | 'state_unavailable' {
  try {
    return read();
  } catch (error) {
    return isMoltbotError(error, 'DATABASE_BUSY') ? whenBusy : 'state_unavailable';
  }
}
