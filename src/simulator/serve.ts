import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, Exchange, WholeAnswer } from './answer.ts';
import { authenticate } from './authenticate.ts';
import { parseJsonBody, readBody } from './body.ts';
import type { Book } from './book.ts';
import type { Delivery } from './delivery.ts';
import { errorAnswer } from './errors.ts';
import type { Decision, Rules, Subject } from './failures.ts';
import type { IssuedKey } from './keys.ts';
import { misbehave, plainDelivery } from './misbehave.ts';
import { deliver } from './pacing.ts';
import { newReceived, noteBody, type Presented, type ReceivedRequest, readHeaders } from './received.ts';
import { familyOf, type Place, placeOf, ROUTES } from './routes.ts';
import type { Family } from './script-schema.ts';
import { standardHeaders } from './standard-headers.ts';

/** What all requests of one simulator share. `rules` is replaced when another script is set. */
export interface Stage {
  readonly book: Book;
  rules: Rules;
  readonly origin: () => string;
  readonly findKey: (text: string) => IssuedKey | undefined;
  readonly acceptAny: boolean;
  readonly keepBodyBytes: number;
  readonly record: (received: ReceivedRequest) => void;
  readonly ended: (received: ReceivedRequest) => void;
}

/** Where a request stands before its body is read. */
interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly received: ReceivedRequest;
  readonly presented: readonly Presented[];
  readonly place: Place;
  readonly family: Family;
  readonly issued: IssuedKey | undefined;
  /** The provider's 401, 404 or 405. */
  readonly refusal: WholeAnswer | undefined;
}

const MEGABYTE = 1_048_576;

/** Answers one request as a provider would, or as the script says. */
export async function serve(stage: Stage, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const arrival = arrive(stage, request, response);
  const { received } = arrival;
  if (/\/api\/hello$/.test(received.path)) return send(arrival, hello());
  const early = arrival.refusal ? undefined : stage.rules.decideEarly(subjectOf(arrival));
  if (early) {
    response.shouldKeepAlive = false;
    received.failure = early.kind;
    return send(arrival, misbehave(exchangeOf(stage, arrival, Buffer.alloc(0)), early, never, request.rawHeaders));
  }
  const body = await readBody(request, maxBytesOf(arrival.place));
  if (body === 'left') return;
  if (body === 'too large') {
    response.shouldKeepAlive = false;
    return send(arrival, plainDelivery(errorAnswer(arrival.family, 'too_large', received.requestId)));
  }
  noteBody(received, body, stage.keepBodyBytes);
  await answer(stage, arrival, body);
}

async function answer(stage: Stage, arrival: Arrival, body: Buffer): Promise<void> {
  const exchange = exchangeOf(stage, arrival, body);
  const { received } = arrival;
  const model = exchange.json?.model;
  received.model = typeof model === 'string' ? model : null;
  received.stream = exchange.json?.stream === true;
  if (arrival.refusal) return send(arrival, plainDelivery(arrival.refusal));
  const decision = stage.rules.decide(subjectOf(arrival));
  const settled = { ...exchange, settings: decision.answer };
  const makeAnswer = () => ROUTES.get(arrival.place.route!)!.answer(settled);
  if (!decision.fail) return send(arrival, plainDelivery(makeAnswer()), decision);
  received.failure = decision.fail.kind;
  await send(arrival, misbehave(settled, decision.fail, makeAnswer, arrival.request.rawHeaders), decision);
}

function arrive(stage: Stage, request: IncomingMessage, response: ServerResponse): Arrival {
  const { method = '', url = '', httpVersion, rawHeaders, headers } = request;
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const query = mark === -1 ? '' : url.slice(mark + 1);
  const { presented, redacted } = readHeaders(rawHeaders, stage.findKey);
  const credentials = presented.map(({ record }) => record);
  const place = placeOf(path);
  const requestId = stage.book.nextId('req_');
  const head = { method, path, query, httpVersion, remotePort: request.socket.remotePort ?? 0, rawHeaders: redacted };
  const received = newReceived(head, credentials, requestId);
  const family = familyOf(place, headers, presented[0]?.issued);
  received.family = family;
  received.route = place.route;
  stage.record(received);
  watchEnd(stage, request, response, received);
  const verdict = authenticate(presented, family, headers, requestId);
  const refusal = refusalOf(place, family, method, requestId) ?? (stage.acceptAny ? undefined : verdict.refusal);
  return { request, response, received, presented, place, family, issued: verdict.issued, refusal };
}

function refusalOf(place: Place, family: Family, method: string, requestId: string): WholeAnswer | undefined {
  const entry = place.route === null ? undefined : ROUTES.get(place.route)!;
  const foreign = entry && entry.dialect !== 'both' && (entry.dialect === 'anthropic') !== (family === 'anthropic');
  if (!entry || foreign) return errorAnswer(family, 'not_found', requestId);
  if (entry.methods.includes(method)) return undefined;
  return errorAnswer(family, 'invalid_request', requestId, { status: 405, message: 'Method Not Allowed' });
}

/** `closedEarly` means that the other side left; what the script cut is no news. */
function watchEnd(stage: Stage, request: IncomingMessage, response: ServerResponse, received: ReceivedRequest): void {
  response.on('close', () => {
    received.endedAtMs = Date.now();
    const cutHere = received.failure === 'reset' || received.failure === 'truncate';
    received.closedEarly = !cutHere && (!response.writableFinished || !request.complete);
    stage.ended(received);
  });
}

function subjectOf({ received, place, family, presented, issued }: Arrival): Subject {
  const fingerprints = presented.map(({ record }) => record.fingerprint);
  const credential = issued ? [issued.name, ...fingerprints] : fingerprints;
  return { family, route: place.route!, model: received.model, stream: received.stream, credential };
}

function exchangeOf(stage: Stage, arrival: Arrival, body: Buffer): Exchange {
  const { request, received, place, family, issued } = arrival;
  return {
    received,
    family,
    route: place.route ?? '',
    id: place.id,
    method: received.method,
    headers: request.headers,
    body,
    json: place.route?.startsWith('files') ? undefined : parseJsonBody(body, request.headers['content-encoding']),
    issued,
    settings: {},
    book: stage.book,
    baseUrl: place.prefix ? `${stage.origin()}/${place.prefix}` : stage.origin(),
  };
}

async function send(arrival: Arrival, delivery: Delivery, decision?: Decision): Promise<void> {
  const { response, received, family, issued } = arrival;
  const good = !('nothing' in delivery) && (!('answer' in delivery) || delivery.answer.status < 300);
  const limits = good && received.route !== null;
  const commonHeaders = standardHeaders(
    family,
    received.requestId,
    issued?.type ?? 'api_key',
    limits,
    received.receivedAtMs,
  );
  await deliver({ response, received, commonHeaders, pacing: decision?.pacing ?? {} }, delivery);
}

function hello(): Delivery {
  return plainDelivery({ status: 200, headers: ['content-type', 'application/json'], body: '{"ok":true}' });
}

function never(): Answer {
  throw new Error('an early answer is never a good one');
}

/** The provider's own limits: 32 MB for JSON, 256 MB for batches, 500 MB for files. */
function maxBytesOf({ route }: Place): number {
  if (route === 'files') return 500 * MEGABYTE;
  return route?.includes('batches') ? 256 * MEGABYTE : 32 * MEGABYTE;
}
