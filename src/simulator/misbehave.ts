import { gzipSync } from 'node:zlib';
import { type Answer, type Exchange, isStream, type StreamAnswer, type WholeAnswer } from './answer.ts';
import type { Delivery, Ending } from './delivery.ts';
import { echoOf } from './echo.ts';
import { type Encoding, encodeWhole } from './encoder.ts';
import { errorAnswer } from './errors.ts';
import { resetHeaders } from './resets.ts';
import type { Failure, FailureOf } from './script-schema.ts';

/**
 * Turns a good answer into what the script wants to go over the wire. `makeAnswer` is called only where a good answer
 * is part of it.
 */
export function misbehave(
  exchange: Exchange,
  fail: Failure,
  makeAnswer: () => Answer,
  rawHeaders: readonly string[],
): Delivery {
  switch (fail.kind) {
    case 'error':
      return whole(scriptedError(exchange, fail));
    case 'early':
      return whole(errorAnswer(exchange.family, fail.error, exchange.received.requestId));
    case 'redirect':
      return whole({ status: fail.status, headers: ['location', fail.location], body: '' });
    case 'reset':
    case 'silence':
      return fail.afterEvents === undefined ? { nothing: fail.kind } : cut(makeAnswer(), fail.afterEvents, fail.kind);
    case 'truncate':
      return cut(makeAnswer(), fail.afterEvents, 'end');
    case 'stream-error':
      return brokenByError(exchange, makeAnswer(), fail);
    case 'garbage':
      return garbled(makeAnswer(), fail.afterEvents);
    case 'encode':
      return encoded(makeAnswer(), fail.encoding);
    case 'headers':
      return plainDelivery(withHeaders(makeAnswer(), flat(fail.headers)));
    case 'echo':
      return echoing(exchange, makeAnswer(), fail, rawHeaders);
    case 'endless':
      return endless(makeAnswer());
    case 'gzip-bomb':
      return bomb(makeAnswer(), fail.megabytes);
  }
}

export function plainDelivery(answer: Answer): Delivery {
  return isStream(answer) ? stream(answer, answer.frames) : whole(answer);
}

function whole(answer: WholeAnswer): Delivery {
  return { answer, sendBytes: undefined, ending: 'end' };
}

function stream(answer: StreamAnswer, frames: Iterable<string>, ending: Ending = 'end', encoding?: Encoding): Delivery {
  return { headers: answer.headers, frames, ping: answer.grammar.ping, encoding, ending };
}

function scriptedError(exchange: Exchange, fail: FailureOf<'error'>): WholeAnswer {
  const { family, received } = exchange;
  const answer = errorAnswer(family, fail.error, received.requestId, { ...fail, model: received.model });
  const extra = [...resetHeaders(fail.resets ?? [], Date.now()), ...flat(fail.headers ?? {})];
  return { ...answer, headers: [...answer.headers, ...extra] };
}

/** A stream ends after that many events; a whole answer in the middle of its body. */
function cut(answer: Answer, events: number, ending: Ending): Delivery {
  if (isStream(answer)) return stream(answer, answer.frames.slice(0, events), ending);
  return { answer, sendBytes: Math.floor(answer.body.length / 2), ending };
}

function brokenByError(exchange: Exchange, answer: Answer, fail: FailureOf<'stream-error'>): Delivery {
  const { family, received } = exchange;
  const { error, message } = fail;
  if (!isStream(answer)) return whole(errorAnswer(family, error, received.requestId, { message }));
  const frame = answer.grammar.error(error, message, received.requestId);
  return stream(answer, [...answer.frames.slice(0, fail.afterEvents), frame]);
}

function garbled(answer: Answer, events: number): Delivery {
  if (!isStream(answer)) return whole({ ...answer, body: `${answer.body.toString().slice(0, 20)}<<garbage>>` });
  const frames = [...answer.frames.slice(0, events), answer.grammar.garbage, ...answer.frames.slice(events)];
  return stream(answer, frames);
}

function encoded(answer: Answer, encoding: Encoding): Delivery {
  const marked = withHeaders(answer, ['content-encoding', encoding]);
  if (isStream(marked)) return stream(marked, marked.frames, 'end', encoding);
  return whole({ ...marked, body: encodeWhole(Buffer.from(marked.body), encoding) });
}

function echoing(exchange: Exchange, answer: Answer, fail: FailureOf<'echo'>, rawHeaders: readonly string[]): Delivery {
  const text = echoOf(rawHeaders, fail.encoding);
  const { family, received } = exchange;
  if (fail.where === 'error') {
    return whole(errorAnswer(family, 'invalid_request', received.requestId, { message: `You sent ${text}` }));
  }
  if (fail.where === 'header') return plainDelivery(withHeaders(answer, ['x-echo', text]));
  if (!isStream(answer)) return whole({ ...answer, body: JSON.stringify({ echo: text }) });
  const at = Math.min(3, answer.frames.length - 1);
  return stream(answer, [...answer.frames.slice(0, at), answer.grammar.delta(text), ...answer.frames.slice(at)]);
}

function endless(answer: Answer): Delivery {
  if (!isStream(answer)) return { headers: answer.headers, chunks: forEver(Buffer.alloc(16_384, ' ')) };
  return stream(answer, endlessFrames(answer));
}

function* endlessFrames({ frames, grammar }: StreamAnswer): Generator<string> {
  yield* frames.slice(0, 3);
  const more = grammar.delta('and on ');
  while (true) yield more;
}

function* forEver(chunk: Buffer): Generator<Buffer> {
  while (true) yield chunk;
}

/** Members of a megabyte each: gzip files may be put one after another (RFC 1952, 2.2). */
function bomb(answer: Answer, megabytes: number): Delivery {
  const member = gzipSync(Buffer.alloc(1_048_576, ' '));
  const headers = [...answer.headers, 'content-encoding', 'gzip'];
  return { headers, chunks: Array.from({ length: megabytes }, () => member) };
}

function withHeaders<T extends Answer>(answer: T, extra: readonly string[]): T {
  return { ...answer, headers: [...answer.headers, ...extra] };
}

function flat(headers: Readonly<Record<string, string | readonly string[]>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one]));
}
