import { createServer, type Server, type ServerResponse } from 'node:http';
import type { StreamPlan } from '../jobs.ts';

/** How often a part of the held streams gets its next event. */
const ROUND_MS = 10;

/** One stream being sent: pieces of text that each make one event whole. */
class EventStream {
  readonly #response: ServerResponse;
  readonly #plan: StreamPlan;
  #next = 0;
  /** The first half of the next event, when it went out with the last. */
  #isHalfSent = false;

  constructor(response: ServerResponse, plan: StreamPlan) {
    this.#response = response;
    this.#plan = plan;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    this.#sendEvent(START);
  }

  /** Sends the next event; false when that was the last. */
  advance(): boolean {
    this.#next += 1;
    this.#sendEvent(DELTA);
    return this.#next < this.#plan.events;
  }

  finish(): void {
    this.#response.end(STOP);
  }

  #sendEvent(event: EventText): void {
    const rest = event.end(now());
    const first = this.#isHalfSent ? '' : event.start;
    this.#isHalfSent = this.#plan.isTorn && this.#next < this.#plan.events;
    this.#response.write(first + rest + (this.#isHalfSent ? DELTA.start : ''));
  }
}

/** An event whose time of sending (nanoseconds, monotonic, of this machine) stands at its very end. */
interface EventText {
  readonly start: string;
  readonly end: (atNs: string) => string;
}

const START = eventText(
  'message_start',
  '"message":{"id":"msg_0","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[],"usage":{"input_tokens":9,"output_tokens":1}}',
);
const DELTA = eventText(
  'content_block_delta',
  '"index":0,"delta":{"type":"text_delta","text":"about as much text as one event of a fast model carries, not more"}',
);
const STOP = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';

function eventText(type: string, fields: string): EventText {
  return {
    start: `event: ${type}\ndata: {"type":"${type}",${fields},`,
    end: (atNs) => `"at":"${atNs}"}\n\n`,
  };
}

function now(): string {
  return String(process.hrtime.bigint());
}

export interface HeldStreams {
  /** Sends the events of all held streams, evenly spread over time; resolves after the last. */
  goOn(): Promise<void>;
  /** Ends them. */
  finish(): void;
}

/** Streams events as each request's body asks. */
export function eventServer(): { server: Server; heldStreams: HeldStreams } {
  const held: Held[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { plan } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { plan: StreamPlan };
    const stream = new EventStream(response, plan);
    if (plan.mode === 'held') held.push({ stream, plan });
    else pace(stream, plan.gapMs);
  });
  const finish = () => {
    for (const { stream } of held.splice(0)) stream.finish();
  };
  return { server, heldStreams: { goOn: () => spread(held), finish } };
}

interface Held {
  readonly stream: EventStream;
  readonly plan: StreamPlan;
}

function pace(stream: EventStream, gapMs: number): void {
  const timer = setInterval(() => {
    if (stream.advance()) return;
    clearInterval(timer);
    stream.finish();
  }, gapMs);
}

/** Every stream gets its next event once per `gapMs`, a few streams at a time. */
function spread(streams: readonly Held[]): Promise<void> {
  const perRound = Math.ceil((streams.length * ROUND_MS) / (streams[0]?.plan.gapMs ?? ROUND_MS));
  let at = 0;
  let left = streams.reduce((sum, { plan }) => sum + plan.events, 0);
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      for (let count = 0; count < perRound && left > 0; count++, left--) {
        streams[at]!.stream.advance();
        at = (at + 1) % streams.length;
      }
      if (left > 0) return;
      clearInterval(timer);
      resolve();
    }, ROUND_MS);
  });
}
