import type { IncomingMessage, ServerResponse } from 'node:http';
import { isMoltbotError, MoltbotError } from '../core/errors.ts';
import type { Dialect } from '../providers/provider.ts';
import { diskRefusal } from './admit/disk-gate.ts';
import { draining } from './admit/draining.ts';
import { closeAfterBody } from './answer/close-after-body.ts';
import { answerOf, type OwnAnswer, sendOwnAnswer } from './answer/error-answer.ts';
import { noteRefusal } from './answer/note-refusal.ts';
import { sendJson } from './answer/send-json.ts';
import { selfOf } from './broker/self.ts';
import { serveBroker } from './broker/serve-broker.ts';
import { NothingUsableError } from './choose/nothing-usable-answer.ts';
import { Exchange } from './exchange.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { checkHygiene } from './headers/hygiene.ts';
import { serveProxyRequest } from './pipeline.ts';
import { parseTarget, type Target } from './target/target.ts';

/** Of the gateway itself, and for reading only. */
const READ_ROUTES = ['/healthz', '/readyz', '/v1/self'];

/** Every request to the proxy listener: checked, sent to its route, and answered also when that fails. */
export async function dispatch(
  gateway: GatewayParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange = new Exchange(request, response, gateway.now());
  try {
    checkHygiene(request.method ?? '', request.rawHeaders, gateway.identity());
    await route(gateway, exchange, parseTarget(request.url ?? ''));
  } catch (error) {
    fail(gateway, exchange, error);
  }
}

async function route(gateway: GatewayParts, exchange: Exchange, target: Target): Promise<void> {
  if (target.kind === 'proxy') {
    if (isGreeting(target.path, exchange.request.method)) return sendJson(exchange, 200, { status: 'ok' });
    return serveProxyRequest(gateway, exchange, target);
  }
  if (await serveBroker(gateway, exchange, target.path)) return;
  const { method } = exchange.request;
  if (!READ_ROUTES.includes(target.path)) throw noRoute();
  if (method !== 'GET' && method !== 'HEAD') {
    throw new MoltbotError('METHOD_NOT_ALLOWED', 'This route is for reading.', { hint: 'Use GET.' });
  }
  if (target.path === '/v1/self') return sendJson(exchange, 200, selfOf(gateway, exchange));
  if (target.path === '/readyz') checkReady(gateway);
  sendJson(exchange, 200, { status: 'ok' });
}

/** What clients ask before they ask anything: it must be quick, and must not look like a failed login. */
function isGreeting(path: string, method: string | undefined): boolean {
  return (path === '' || path === 'api/hello') && (method === 'HEAD' || method === 'GET');
}

function checkReady(gateway: GatewayParts): void {
  gateway.refresh();
  if (gateway.isDraining()) throw draining();
  if (gateway.disk.closed) throw diskRefusal(gateway.disk.closed);
}

function fail(gateway: GatewayParts, exchange: Exchange, error: unknown): void {
  const known = isMoltbotError(error)
    ? error
    : new MoltbotError('INTERNAL', 'Something went wrong inside the gateway.');
  const { requestId, request } = exchange;
  noteRefusal(gateway, exchange, known, stackOf(error));
  closeAfterBody(request, exchange.response);
  sendOwnAnswer(exchange.response, exchange.dialect, ownAnswer(known, exchange.dialect), requestId);
  exchange.cancel.cancel();
}

/** Where our own bug is; a foreign error's text may hold anything, so only the places are kept. */
function stackOf(error: unknown): string | undefined {
  if (isMoltbotError(error) || !(error instanceof Error)) return undefined;
  return error.stack
    ?.split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n');
}

function ownAnswer(error: MoltbotError, dialect: Dialect): OwnAnswer {
  const { gate } = error;
  return error instanceof NothingUsableError ? { ...error.answer, gate } : answerOf(error, dialect);
}

function noRoute(): MoltbotError {
  return new MoltbotError('ROUTE_NOT_FOUND', 'There is nothing at this path.', {
    hint: 'Base URLs look like http://127.0.0.1:8400/v1/proxy/anthropic (or …/openai/v1).',
  });
}
