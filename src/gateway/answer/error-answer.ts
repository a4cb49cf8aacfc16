import type { ServerResponse } from 'node:http';
import type { ErrorCode, MoltbotError } from '../../core/errors.ts';
import type { Dialect } from '../../providers/provider.ts';
import { RetryLaterError } from './retry-later-error.ts';

/** An answer of our own, complete: what goes to the client when nothing of an upstream does. */
export interface OwnAnswer {
  readonly status: number;
  readonly code: ErrorCode;
  readonly text: string;
  /** Seconds; only given when waiting that long is worth it. */
  readonly retryAfterSeconds?: number | undefined;
  /** False tells clients that a retry cannot help (`x-should-retry: false`). */
  readonly mayRetry?: boolean | undefined;
  /** OpenAI dialect: `error.type` and `error.code` where a client acts on them. */
  readonly openAiType?: string | undefined;
  /** The closed gate it stopped at. */
  readonly gate?: string | undefined;
}

const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
};

/** Failures that pass by themselves: a client may try again. Everything else of ours says `x-should-retry: false`. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'AUDIT_UNAVAILABLE',
  'DATABASE_BUSY',
  'DISK_FULL',
  'DRAINING',
  'PROVIDER_UNREACHABLE',
  'REQUEST_TIMEOUT',
  'THROTTLED',
  'UPSTREAM_BROKEN',
  'UPSTREAM_SILENT',
  'VAULT_LOCKED',
  'VAULT_UNAVAILABLE',
]);

/** An error of ours as an answer in that dialect. */
export function answerOf(error: MoltbotError, dialect: Dialect): OwnAnswer {
  const { code, gate, hint, httpStatus, message } = error;
  const isForLater = error instanceof RetryLaterError;
  // The one form at which Codex stops instead of trying six times.
  const isQuota = httpStatus === 402 && dialect === 'openai';
  return {
    status: isQuota ? 429 : httpStatus,
    code,
    text: hint ? `${message} ${hint}` : message,
    mayRetry: isForLater || PASSING.has(code),
    gate,
    ...(isQuota && { openAiType: 'insufficient_quota' }),
    ...(isForLater && { retryAfterSeconds: error.retryAfterSeconds, openAiType: 'rate_limit_exceeded' }),
  };
}

/** The body a client of that dialect understands; the request id is in the text because clients hide headers. */
export function errorBody(dialect: Dialect, answer: OwnAnswer, requestId: string): string {
  const gate = answer.gate === undefined ? '' : `closed gate: ${answer.gate}; `;
  const message = `${answer.text} (${gate}moltbot request ${requestId})`;
  if (dialect === 'anthropic') {
    const type = ANTHROPIC_TYPES[answer.status] ?? (answer.status < 500 ? 'invalid_request_error' : 'api_error');
    return JSON.stringify({ type: 'error', error: { type, message }, request_id: requestId });
  }
  const code = answer.openAiType ?? (answer.status === 401 ? 'invalid_api_key' : answer.code.toLowerCase());
  const type = answer.openAiType ?? (answer.status < 500 ? 'invalid_request_error' : 'server_error');
  return JSON.stringify({ error: { message, type, param: null, code } });
}

/** Sends an answer of our own. When the head has already gone out there is nothing to send: the socket is reset. */
export function sendOwnAnswer(response: ServerResponse, dialect: Dialect, answer: OwnAnswer, requestId: string): void {
  if (response.destroyed) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = Buffer.from(errorBody(dialect, answer, requestId));
  const headers: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': body.length,
    'x-moltbot-error': answer.code,
    'x-moltbot-request-id': requestId,
    [dialect === 'anthropic' ? 'request-id' : 'x-request-id']: requestId,
    ...(answer.gate !== undefined && { 'x-moltbot-gate': answer.gate }),
  };
  if (!answer.mayRetry) headers['x-should-retry'] = 'false';
  if (answer.status === 401) headers['www-authenticate'] = 'Bearer realm="moltbot"';
  if (answer.retryAfterSeconds !== undefined) headers['retry-after'] = Math.max(1, Math.ceil(answer.retryAfterSeconds));
  response.writeHead(answer.status, headers);
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
