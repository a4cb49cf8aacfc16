import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { MoltbotError } from '../../core/errors.ts';
import { newRequestId } from '../../core/ids.ts';
import { closeAfterBody } from '../../gateway/answer/close-after-body.ts';
import { checkHygiene, type ListenerIdentity } from '../../gateway/headers/hygiene.ts';
import { headerOf } from '../../gateway/headers/raw-headers.ts';
import { parseTarget } from '../../gateway/target/target.ts';
import type { Management } from '../management.ts';
import { authenticate } from './authenticate.ts';
import type { Caller } from './caller.ts';
import { asMoltbotError, errorAnswer } from './error-answer.ts';
import type { PlainAnswer } from './plain-answer.ts';
import type { Admission, createRouter } from './router.ts';

/** Statuses of requests that somebody should not have sent; the others are mistakes. */
const REFUSALS: ReadonlySet<number> = new Set([401, 403, 421, 429]);
const NOBODY = { gate: undefined, agentId: undefined, provider: undefined } as const;

/** A listener's own: how it is reached, and by what name. */
export interface Entrance {
  readonly via: Caller['via'];
  readonly identity: () => ListenerIdentity;
}

/**
 * Every request to a management listener: checked on its raw headers, then authenticated, then routed; whatever fails on
 * the way is answered in one form.
 */
export function createRequestHandler(
  management: Management,
  router: ReturnType<typeof createRouter>,
  { via, identity }: Entrance,
): RequestListener {
  return async (incoming, outgoing) => {
    const requestId = newRequestId();
    const answerTo = (error: unknown) => failureAnswer(management, { incoming, outgoing, requestId }, error);
    try {
      checkRequest(incoming, identity());
      const caller = authenticate(management, incoming.rawHeaders, via, incoming.socket.remoteAddress);
      const admission = { incoming, outgoing, caller, requestId, signal: signalOf(outgoing) };
      await getRequestListener((request) => router.fetch(request, admission), {
        overrideGlobalObjects: false,
        autoCleanupIncoming: false,
        errorHandler: (error) => responseOf(answerTo(error)),
      })(incoming, outgoing);
    } catch (error) {
      const { status, headers, body } = answerTo(error);
      if (!outgoing.headersSent) outgoing.writeHead(status, headers);
      outgoing.end(incoming.method === 'HEAD' ? undefined : body);
    }
  };
}

function checkRequest({ method = '', rawHeaders, url = '' }: IncomingMessage, identity: ListenerIdentity): void {
  checkHygiene(method, rawHeaders, identity);
  if (headerOf(rawHeaders, 'upgrade')?.toLowerCase() === 'websocket') throw noWebSocket();
  parseTarget(url);
}

/** Aborted when the client has gone before its answer was whole. */
function signalOf(outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController();
  outgoing.once('close', () => controller.abort());
  return controller.signal;
}

function failureAnswer(
  { log, refusals }: Management,
  { incoming, outgoing, requestId }: Pick<Admission, 'incoming' | 'outgoing' | 'requestId'>,
  error: unknown,
): PlainAnswer {
  const known = asMoltbotError(error);
  const level = known.httpStatus >= 500 ? 'error' : 'info';
  log[level]({ request: requestId, code: known.code, method: incoming.method, stack: stackOf(error) }, known.message);
  // A wrong guard passphrase has a row of its own.
  if (REFUSALS.has(known.httpStatus) && known.code !== 'GUARD_REFUSED')
    refusals.note({ ...NOBODY, requestId, code: known.code, route: 'management' });
  closeAfterBody(incoming, outgoing);
  return errorAnswer(known, requestId);
}

/** Where our own bug is; a foreign error's text may hold anything, so only the places are kept. */
function stackOf(error: unknown): string | undefined {
  if (error instanceof MoltbotError || !(error instanceof Error)) return undefined;
  const places = error.stack?.split('\n').filter((line) => line.startsWith('    at '));
  return places?.join('\n');
}

function responseOf({ status, headers, body }: PlainAnswer): Response {
  return new Response(body, { status, headers });
}

function noWebSocket(): MoltbotError {
  return new MoltbotError('WEBSOCKET_NOT_SERVED', 'WebSocket is not served here.', {
    hint: 'Use GET /api/v1/events, an event stream.',
  });
}
