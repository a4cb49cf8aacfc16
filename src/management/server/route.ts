import * as v from 'valibot';
import type { AdminRole } from '../../agents/admin-key.ts';
import type { By } from '../../agents/change-agents.ts';
import type { RawHeaders } from '../../gateway/headers/raw-headers.ts';
import type { Management } from '../management.ts';
import type { Caller } from './caller.ts';
import { checkGuard } from './check-guard.ts';
import { checkInput, type RawInput } from './check-input.ts';

export type Schema = v.GenericSchema;
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The shape of each answer by status; null is an answer without a body. */
export type Answers = Readonly<Record<number, Schema | null>>;

/** Errors that a route may answer with beside those of every route (401, 403, 422, 500). */
export type RouteError = 400 | 404 | 409 | 429 | 502 | 503;

/** A request with its parts checked against the route's schemas. */
export interface RouteContext<P, Q, B> {
  readonly management: Management;
  readonly caller: Caller;
  /** Who decides, and when: for every function that writes to the audit. */
  readonly by: By;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly headers: RawHeaders;
  /** Aborted when the client left or the listener stops: for answers that go on. */
  readonly signal: AbortSignal;
}

/** An answer as a handler gives it: made by `reply`, or with a `stream` where the route has another media type than JSON. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly stream?: ReadableStream<Uint8Array>;
}

/** Makes an answer of a declared status, with a body of its shape; without one where it is declared null. */
export type Reply<A extends Answers> = <S extends keyof A & number>(
  status: S,
  ...body: A[S] extends Schema
    ? [body: v.InferOutput<A[S]>, headers?: AnswerHeaders]
    : [body?: undefined, headers?: AnswerHeaders]
) => Answer;

type AnswerHeaders = Readonly<Record<string, string>>;

/** Params and query of a route that has none: then every one is unknown. */
const NOTHING = v.strictObject({});

/** One route, said once: what is served, documented and tested comes from here. */
export interface RouteDeclaration<P extends Schema, Q extends Schema, B extends Schema, A extends Answers> {
  readonly method: Method;
  /** Below `/api/v1` (and served bare, too): `/credentials/{id}`. */
  readonly path: string;
  /** Imperative, with a full stop: "Store a credential." */
  readonly summary: string;
  /** The least role that may call it. */
  readonly role: AdminRole;
  /**
   * Says what is widened ("lend a credential"), or undefined where this request widens nothing. While a guard passphrase
   * is set, such a request needs it on the socket (`x-moltbot-guard`); over TCP an admin key suffices.
   */
  readonly widens?: (input: {
    readonly params: v.InferOutput<P>;
    readonly query: v.InferOutput<Q>;
    readonly body: v.InferOutput<B>;
    readonly management: Management;
  }) => string | undefined;
  /** An object with a string for each `{name}` of the path. */
  readonly params?: P;
  /** An object of strings. */
  readonly query?: Q;
  /** A strict object. Without one the route takes no body. */
  readonly body?: B;
  /** Fields of the body whose faults are 400 with a sentence instead of 422 with a list. */
  readonly badRequestFields?: readonly string[];
  readonly answers: A;
  readonly errors?: readonly RouteError[];
  /** Of the answers; JSON unless said. */
  readonly mediaType?: 'text/event-stream' | 'text/plain';
  readonly handle: (
    context: RouteContext<v.InferOutput<P>, v.InferOutput<Q>, v.InferOutput<B>> & { readonly reply: Reply<A> },
  ) => Answer | Promise<Answer>;
}

/** What is known of a request when its route is found. */
export interface RouteRequest extends Omit<RouteContext<unknown, unknown, unknown>, 'params' | 'query' | 'body'> {
  readonly input: RawInput;
}

/** A declared route with its types folded away: for the router, the OpenAPI document and tests. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly role: AdminRole;
  readonly mayWiden: boolean;
  readonly params: Schema;
  readonly query: Schema;
  readonly body: Schema | undefined;
  readonly answers: Answers;
  readonly errors: readonly number[];
  readonly mediaType: string;
  /** Checks the parts, asks for the guard where it must, handles. Fails with INVALID_FIELDS, GUARD_REFUSED, … */
  readonly answer: (request: RouteRequest) => Promise<Answer>;
}

/** Statuses that any route can answer with. */
const EVERYWHERE = [401, 403, 422, 500];

export function route<
  A extends Answers,
  P extends Schema = typeof NOTHING,
  Q extends Schema = typeof NOTHING,
  B extends Schema = v.UndefinedSchema<undefined>,
>(declaration: RouteDeclaration<P, Q, B, A>): Route {
  const { method, path, summary, role, widens, params, query, body, answers, errors = [], handle } = declaration;
  const { mediaType = 'application/json', badRequestFields = [] } = declaration;
  const schemas = { params: params ?? NOTHING, query: query ?? NOTHING, body };
  const answer = async ({ input, ...request }: RouteRequest): Promise<Answer> => {
    const { params: ofPath, query: ofQuery, body: ofBody } = checkInput(schemas, input, badRequestFields);
    const checked = {
      params: ofPath as v.InferOutput<P>,
      query: ofQuery as v.InferOutput<Q>,
      body: ofBody as v.InferOutput<B>,
    };
    const widened = widens?.({ ...checked, management: request.management });
    if (widened !== undefined) checkGuard(request, widened);
    return handle({ ...request, ...checked, reply: replyOf });
  };
  const documented = [...new Set([...EVERYWHERE, ...errors])].sort((a, b) => a - b);
  const mayWiden = widens !== undefined;
  return { method, path, summary, role, mayWiden, ...schemas, answers, errors: documented, mediaType, answer };
}

function replyOf(status: number, body?: unknown, headers: AnswerHeaders = {}): Answer {
  return { status, body, headers };
}
