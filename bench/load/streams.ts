import { Agent, type IncomingMessage, request } from 'node:http';
import { streamBody } from '../bodies.ts';
import type { StreamsJob, StreamsResult, Target } from '../jobs.ts';
import { median } from '../statistics.ts';
import { clientHeaders } from './client-headers.ts';

/** When an event of one stream was sent by the upstream and when it was here as a whole, in milliseconds. */
interface Arrival {
  readonly sentMs: number;
  readonly atMs: number;
}

/** Opens the streams a few at a time; `opened` is called when each has had its first event. */
export async function streams(job: StreamsJob, opened: () => void): Promise<StreamsResult> {
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
  const bodies = [false, true].map((isTorn) => streamBody({ ...job.plan, isTorn }));
  const firstEventsMs: number[] = [];
  const ends: Promise<Arrival[]>[] = [];
  let next = 0;
  const openNext = async (): Promise<void> => {
    while (next < job.streams) {
      const startedMs = performance.now();
      const { first, end } = openStream(job.target, bodies[next++ % 2]!, agent);
      ends.push(end);
      await first;
      firstEventsMs.push(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: job.openAtOnce }, openNext));
  opened();
  return summary(firstEventsMs, await Promise.all(ends));
}

function openStream(target: Target, body: Buffer, agent: Agent): { first: Promise<void>; end: Promise<Arrival[]> } {
  const first = Promise.withResolvers<void>();
  const end = Promise.withResolvers<Arrival[]>();
  const fail = (error: Error) => {
    first.reject(error);
    end.reject(error);
  };
  const options = { agent, port: target.port, host: '127.0.0.1', method: 'POST', path: target.path };
  const outgoing = request({ ...options, headers: clientHeaders(target, body.length) }, (response) => {
    if (response.statusCode !== 200) fail(new Error(`${target.name} answered ${response.statusCode}`));
    response.on('error', fail);
    readEvents(response, first.resolve, end.resolve, fail);
  });
  outgoing.on('error', fail);
  outgoing.end(body);
  return { first: first.promise, end: end.promise };
}

function readEvents(
  response: IncomingMessage,
  onFirst: () => void,
  onEnd: (arrivals: Arrival[]) => void,
  onBroken: (error: Error) => void,
): void {
  const arrivals: Arrival[] = [];
  let text = '';
  let isComplete = false;
  response.setEncoding('latin1');
  response.on('data', (chunk: string) => {
    const atMs = Number(process.hrtime.bigint()) / 1e6;
    const events = (text + chunk).split('\n\n');
    text = events.pop()!;
    for (const event of events) {
      const sent = /"at":"(\d+)"/.exec(event)?.[1];
      if (sent) arrivals.push({ sentMs: Number(sent) / 1e6, atMs });
      isComplete ||= event.startsWith('event: message_stop');
    }
    if (arrivals.length > 0) onFirst();
  });
  response.on('end', () => (isComplete ? onEnd(arrivals) : onBroken(new Error('a stream ended without its end'))));
}

function summary(firstEventsMs: readonly number[], all: readonly (readonly Arrival[])[]): StreamsResult {
  const delays = all.flatMap((arrivals) => arrivals.map(({ sentMs, atMs }) => atMs - sentMs));
  const pairs = all.flatMap((arrivals) => arrivals.slice(1).map((each, index) => [arrivals[index]!, each] as const));
  const gapErrors = pairs.map(([a, b]) => Math.abs(b.atMs - a.atMs - (b.sentMs - a.sentMs)));
  return {
    events: delays.length,
    firstEventMs: median(firstEventsMs),
    delayMs: median(delays),
    gapErrorMs: median(gapErrors),
    late: pairs.filter(([a, b]) => a.atMs > b.sentMs).length,
  };
}
