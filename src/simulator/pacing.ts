import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { systemCode } from '../core/errors.ts';
import type { BulkDelivery, Delivery, StreamDelivery, WholeDelivery } from './delivery.ts';
import { type Encoding, newEncoder } from './encoder.ts';
import type { ReceivedRequest } from './received.ts';
import type { Pacing } from './script-schema.ts';

const RESET_DELAY_MS = 50;

/** What `deliver` needs to know of the request it answers. */
export interface Wire {
  readonly response: ServerResponse;
  readonly received: ReceivedRequest;
  /** Of every answer: request id, limits, the mark of the simulator. */
  readonly commonHeaders: readonly string[];
  readonly pacing: Pacing;
}

/** Sends a delivery; resolves when everything was sent, or the client left. */
export async function deliver(wire: Wire, delivery: Delivery): Promise<void> {
  const { response, pacing } = wire;
  if (pacing.firstByteMs && !(await pause(response, pacing.firstByteMs))) return;
  if ('nothing' in delivery) {
    if (delivery.nothing === 'reset') cutConnection(response);
  } else if ('answer' in delivery) await sendWhole(wire, delivery);
  else if ('chunks' in delivery) await sendBulk(wire, delivery);
  else await sendStream(wire, delivery);
}

async function sendWhole(wire: Wire, { answer, sendBytes, ending }: WholeDelivery): Promise<void> {
  const { response, received, commonHeaders } = wire;
  const length = Buffer.byteLength(answer.body);
  received.status = answer.status;
  response.writeHead(answer.status, [...commonHeaders, ...answer.headers, 'content-length', String(length)]);
  if (sendBytes === undefined) {
    response.end(answer.body);
    return;
  }
  response.write(answer.body.slice(0, sendBytes));
  if (ending === 'reset') await resetAfterData(response);
  else if (ending === 'end') response.socket?.end();
}

async function sendBulk({ response, received, commonHeaders }: Wire, { headers, chunks }: BulkDelivery): Promise<void> {
  received.status = 200;
  response.writeHead(200, [...commonHeaders, ...headers]);
  try {
    await pipeline(Readable.from(chunks, { objectMode: false }), response);
  } catch (error) {
    if (systemCode(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

async function sendStream(wire: Wire, delivery: StreamDelivery): Promise<void> {
  const { response, received, commonHeaders, pacing } = wire;
  const { frames, ending, encoding } = delivery;
  received.status = 200;
  response.writeHead(200, [...commonHeaders, ...delivery.headers]);
  if (Array.isArray(frames) && ending === 'end' && encoding === undefined && !isPaced(pacing)) {
    received.eventsSent = frames.length;
    response.end(frames.join(''));
    return;
  }
  response.flushHeaders();
  // A ping inside an event or between encoded bytes would be a failure that nobody asked for.
  const pingEveryMs = encoding === undefined && !pacing.pieceBytes ? pacing.pingEveryMs : undefined;
  const stopPings = startPings(response, pingEveryMs, delivery.ping);
  if (pacing.firstEventMs && !(await pause(response, pacing.firstEventMs))) return;
  const whole = await sendFrames(wire, frames, encoding);
  if (ending !== 'silence') stopPings();
  if (!whole) return;
  if (ending === 'end') response.end();
  else if (ending === 'reset') await resetAfterData(response);
}

function isPaced({ firstEventMs, perEventMs, pieceBytes }: Pacing): boolean {
  return Boolean(firstEventMs || perEventMs || pieceBytes);
}

/** False when the client left before all was sent. */
async function sendFrames(wire: Wire, frames: Iterable<string>, encoding: Encoding | undefined): Promise<boolean> {
  const { response, received, pacing } = wire;
  const encode = encoding === undefined ? undefined : newEncoder(encoding);
  for (const frame of frames) {
    const bytes = encode ? await encode(frame) : Buffer.from(frame);
    for (const piece of piecesOf(bytes, pacing.pieceBytes)) {
      if (response.destroyed) return false;
      if (!response.write(piece) && !(await drained(response))) return false;
      if (pacing.pieceBytes) await pause(response, 0);
    }
    received.eventsSent += 1;
    if (pacing.perEventMs && !(await pause(response, pacing.perEventMs))) return false;
  }
  if (encode) response.write(await encode(undefined));
  return !response.destroyed;
}

function piecesOf(bytes: Buffer, size: number | undefined): Buffer[] {
  if (size === undefined) return [bytes];
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += size) pieces.push(bytes.subarray(start, start + size));
  return pieces;
}

/** Waits, or until the client leaves: then false. */
function pause(response: ServerResponse, ms: number): Promise<boolean> {
  return unlessGone(response, (done) => {
    const timer = setTimeout(done, ms);
    return () => clearTimeout(timer);
  });
}

function drained(response: ServerResponse): Promise<boolean> {
  return unlessGone(response, (done) => {
    response.on('drain', done);
    return () => response.off('drain', done);
  });
}

/** Resolves when what `start` began is done (true) or the client left (false). */
function unlessGone(response: ServerResponse, start: (done: () => void) => () => void): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const done = () => {
      stop();
      response.off('close', done);
      resolve(!response.destroyed);
    };
    const stop = start(done);
    response.on('close', done);
  });
}

function startPings(response: ServerResponse, everyMs: number | undefined, ping: string): () => void {
  if (everyMs === undefined) return () => {};
  const timer = setInterval(() => response.write(ping), everyMs);
  const stop = () => clearInterval(timer);
  response.once('close', stop);
  return stop;
}

/** A reset makes the other side's kernel drop what it has not handed over yet: what was sent is to arrive first. */
async function resetAfterData(response: ServerResponse): Promise<void> {
  if (await pause(response, RESET_DELAY_MS)) cutConnection(response);
}

/** A TCP reset, not an orderly end. */
function cutConnection(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}
