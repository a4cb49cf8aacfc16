import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { MoltbotError } from '../../core/errors.ts';
import { checkContentType } from '../../gateway/headers/hygiene.ts';
import type { Management } from '../management.ts';
import type { Caller } from './caller.ts';
import { InvalidFieldsError } from './check-input.ts';
import { MethodNotAllowedError } from './method-not-allowed.ts';
import { jsonAnswer, standardHeaders } from './plain-answer.ts';
import { readJsonBody } from './read-json-body.ts';
import type { Answer, Route } from './route.ts';

/** What the listener knows of a request before it is routed. */
export interface Admission {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly caller: Caller;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

type RouterTypes = { Bindings: Admission };

/** Every route is served under this prefix and bare. */
export const API_PREFIX = '/api/v1';

/** The declared routes as a hono app; errors are thrown for the listener to answer. */
export function createRouter(management: Management, routes: readonly Route[]): Hono<RouterTypes> {
  const router = new Hono<RouterTypes>();
  for (const route of routes) {
    for (const path of pathsOf(route)) router.on(route.method, path, (context) => serve(management, route, context));
  }
  for (const path of new Set(routes.flatMap(pathsOf))) router.all(path, () => notThatMethod(routes, path));
  router.notFound(() => {
    throw new MoltbotError('ROUTE_NOT_FOUND', 'There is nothing at this path.', {
      hint: `See what there is: GET ${API_PREFIX}/openapi.json`,
    });
  });
  router.onError((error) => {
    throw error;
  });
  return router;
}

async function serve(management: Management, route: Route, context: Context<RouterTypes>): Promise<Response> {
  const { incoming, caller, requestId, signal } = context.env;
  if (route.role === 'owner' && caller.role !== 'owner') throw ownersOnly();
  checkContentType(incoming.rawHeaders, route.body ? 'json' : 'none');
  const input = {
    params: context.req.param(),
    query: queryOf(context.req.queries()),
    body: await readJsonBody(incoming),
  };
  const by = { actor: caller.actor, nowMs: management.now() };
  const answer = await route.answer({ management, caller, by, headers: incoming.rawHeaders, signal, input });
  if (incoming.method === 'HEAD') return headOf(route, answer, requestId);
  return responseOf(route, answer, requestId);
}

/** HEAD is served as GET, but nobody reads its body: a stream that is left alone would go on for ever. */
async function headOf(route: Route, { stream, ...answer }: Answer, requestId: string): Promise<Response> {
  await stream?.cancel();
  return responseOf(route, answer, requestId);
}

function responseOf(route: Route, { status, headers, body, stream }: Answer, requestId: string): Response {
  const isText = route.mediaType !== 'application/json' && status < 300;
  if (body === undefined || isText) {
    const type = isText && { 'content-type': `${route.mediaType}; charset=utf-8` };
    const all = { ...standardHeaders(requestId), ...type, ...headers };
    return new Response(stream ?? (body as string | undefined) ?? null, { status, headers: all });
  }
  const plain = jsonAnswer(status as ContentfulStatusCode, body, requestId, headers);
  return new Response(plain.body, { status, headers: plain.headers });
}

/** A parameter that is sent twice could be read in two ways. */
function queryOf(queries: Readonly<Record<string, string[]>>): Record<string, string> {
  const entries = Object.entries(queries);
  const twice = entries.filter(([, values]) => values.length > 1);
  if (twice.length === 0) return Object.fromEntries(entries.map(([name, [value = '']]) => [name, value]));
  throw new InvalidFieldsError(
    twice.map(([name]) => ({ loc: ['query', name.slice(0, 60)], msg: 'Sent more than once', type: 'duplicate' })),
  );
}

function pathsOf({ path }: Route): string[] {
  const pattern = path.replaceAll(/\{(\w+)\}/g, ':$1');
  return [`${API_PREFIX}${pattern}`, pattern];
}

function notThatMethod(routes: readonly Route[], path: string): never {
  const methods = routes.filter((route) => pathsOf(route).includes(path)).map(({ method }) => method);
  throw new MethodNotAllowedError([...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].sort());
}

function ownersOnly(): MoltbotError {
  return new MoltbotError('ROLE_NOT_ALLOWED', 'This is for the role owner.', {
    hint: 'Use the key of an owner, or the command line on the gateway host.',
  });
}
