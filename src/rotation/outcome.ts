import type { CredentialType, RoutePurpose } from '../providers/provider.ts';
import {
  type ResponseHeaders,
  readUpstreamError,
  requestIdOf,
  type UpstreamError,
} from '../providers/upstream-error.ts';
import { errorRuleOf } from './error-rules.ts';
import { hasResetHeaders, isUnifiedRejected, providerTime, retryAfterAtMs } from './provider-time.ts';
import type { Judgement, Outcome } from './types.ts';

/** An upstream answer and what must be known about the request to judge it. */
export interface Answer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** The body of an answer that is not 2xx, decoded and with our credential already redacted; undefined: not read. */
  readonly errorBody: string | undefined;
  readonly credentialType: CredentialType;
  readonly isClaudeCode: boolean;
  readonly purpose: RoutePurpose;
  readonly method: string;
}

const NEXT: readonly Outcome[] = ['rate_limited', 'billing', 'auth', 'model_denied', 'wrong_client'];
const ABOUT_HEALTH: readonly Outcome[] = ['ok', 'rate_limited', 'billing', 'auth', 'model_denied'];

/** What an answer means for the profile that got it: the table of `docs/rotation.md`. Never throws, whatever was sent. */
export function outcomeOf(answer: Answer, nowMs: number): Judgement {
  if (answer.status >= 200 && answer.status < 300) return judgement('ok', answer, undefined, undefined);
  const error = readUpstreamError(answer.headers, answer.errorBody);
  const outcome = failureOf(answer, error);
  return judgement(outcome, answer, error, readyAtMs(outcome, answer.headers, error, nowMs));
}

/**
 * What it means when there is no answer: no connection (`unreachable`: one new connection may be tried), a connection
 * that broke after the request was sent (`broken`: never again, it may have been paid for), or a client that left.
 */
export function outcomeWithoutAnswer(outcome: 'unreachable' | 'broken' | 'client_gone'): Judgement {
  return {
    outcome,
    httpStatus: undefined,
    errorType: undefined,
    requestId: undefined,
    readyAtMs: undefined,
    scope: 'model',
    tryNext: false,
    affectsHealth: false,
  };
}

function failureOf(answer: Answer, error: UpstreamError): Outcome {
  const { status } = answer;
  if (status >= 400 && status < 500) {
    const outcome = errorRuleOf(status, error);
    return outcome === 'rate_limited' && isAboutTheClient(answer) ? 'wrong_client' : outcome;
  }
  // 529 is Anthropic's own; a redirect or a status out of range is a broken upstream, not a bad credential.
  return status === 529 || status === 503 ? 'overloaded' : 'server_error';
}

/** A subscription refuses foreign clients with a 429 that names no time. */
function isAboutTheClient(answer: Answer): boolean {
  return answer.credentialType === 'token' && !answer.isClaudeCode && !hasResetHeaders(answer.headers);
}

function judgement(
  outcome: Outcome,
  answer: Answer,
  error: UpstreamError | undefined,
  readyAtMs: number | undefined,
): Judgement {
  return {
    outcome,
    httpStatus: answer.status,
    errorType: error?.type ?? error?.code,
    requestId: error?.requestId ?? requestIdOf(answer.headers),
    readyAtMs,
    scope: scopeOf(outcome, answer.headers),
    tryNext: NEXT.includes(outcome),
    affectsHealth: ABOUT_HEALTH.includes(outcome) && (outcome === 'auth' || !isSideCall(answer)),
  };
}

function scopeOf(outcome: Outcome, headers: ResponseHeaders): 'profile' | 'model' {
  if (outcome === 'billing' || outcome === 'auth') return 'profile';
  return outcome === 'rate_limited' && isUnifiedRejected(headers) ? 'profile' : 'model';
}

/** Counting, lists, files and reads have limits of their own: only a refused credential is news there. */
function isSideCall({ purpose, method }: Answer): boolean {
  if (purpose === 'batches') return method !== 'POST';
  return purpose === 'count' || purpose === 'models' || purpose === 'files' || purpose === 'responses';
}

function readyAtMs(
  outcome: Outcome,
  headers: ResponseHeaders,
  error: UpstreamError,
  nowMs: number,
): number | undefined {
  if (outcome === 'rate_limited') return providerTime(headers, nowMs);
  if (outcome !== 'billing') return undefined;
  // A used-up bucket is not the end of a spend limit: only a time meant for this answer counts.
  const named = retryAfterAtMs(headers, nowMs) ?? regainedAtMs(error.message);
  return named === undefined ? undefined : Math.max(nowMs + 1_000, named);
}

/** Anthropic's spend limit says when it ends only in words: "You will regain access on 2026-12-01 at 00:00 UTC." */
function regainedAtMs(message: string): number | undefined {
  const match = /regain access on (\d{4}-\d{2}-\d{2}) at (\d{2}:\d{2}) UTC/.exec(message);
  const atMs = match ? Date.parse(`${match[1]}T${match[2]}:00Z`) : Number.NaN;
  return Number.isFinite(atMs) ? atMs : undefined;
}
