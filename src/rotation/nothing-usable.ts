import type { ErrorCode } from '../core/errors.ts';
import { formatTime, MINUTE_MS, SECOND_MS } from '../core/time.ts';
import type { CredentialType, Dialect } from '../providers/provider.ts';
import type { Blocked } from './choose.ts';
import { whyBlocked } from './describe.ts';
import { type Message, noAvailableProfile, providerOf, suddenlyInvalid } from './messages.ts';
import type { Outcome, Reason } from './types.ts';

/** Clients sleep as long as they are told, or fail at once on anything above a minute: longer waits are not offered. */
const LONGEST_RETRY_AFTER_MS = MINUTE_MS;

/** What a client is told about trying again. */
export interface RetryAdvice {
  /** Whole seconds, only up to a minute; undefined: every `retry-after` is left out. */
  readonly retryAfterSeconds: number | undefined;
  /** False: `x-should-retry: false`. */
  readonly mayRetry: boolean;
}

/** What a client is told when no profile can serve it. */
export interface NothingUsable extends RetryAdvice {
  readonly status: 401 | 402 | 403 | 429;
  readonly code: ErrorCode;
  readonly text: string;
  /** OpenAI dialect: `error.type` and `error.code`. */
  readonly openAiType: string | undefined;
}

/**
 * The answer when every candidate is blocked: cooling profiles decide first, then billing, then refused credentials, then
 * grants that do not cover the model.
 * `typeOf` gives a blocked profile's credential type, for the right remedy.
 */
export function answerWhenNothingUsable(
  blocked: readonly Blocked[],
  context: {
    readonly agentId: string;
    readonly dialect: Dialect;
    readonly typeOf: (profileId: string) => CredentialType;
  },
  nowMs: number,
): NothingUsable {
  const details = blocked.map((each) => whyBlocked(each, nowMs));
  const message = noAvailableProfile(details, context.agentId);
  const deciding = decidingReason(blocked);
  if (deciding === 'cooling') return cooling(message, retryAdvice(soonestOf(blocked), nowMs));
  if (deciding === 'billing') return outOfCredit({ text: message.text, remedy: spentRemedy(blocked) }, context.dialect);
  if (deciding === 'not_granted') return { ...refused(message), status: 403, code: 'MODEL_NOT_ALLOWED' };
  const [only] = blocked;
  if (blocked.length !== 1 || only!.state.reason !== 'auth') return refused(message);
  return refused(suddenlyInvalid(only!.state.profileId, context.typeOf(only!.profileId), only!.state.agentId));
}

/** The last profile's refusal is about credit and nothing was stored (a side call): said in our words all the same. */
export function outOfCreditNow(profileId: string, agentId: string, dialect: Dialect): NothingUsable {
  const { text } = noAvailableProfile([`${profileId} is out of credit or past a spend limit`], agentId);
  return outOfCredit({ text, remedy: ASK }, dialect);
}

/** A model may read it, and a model is not to type commands about money. */
const ASK = 'Ask the person who runs this gateway.';

function spentRemedy(blocked: readonly Blocked[]): string {
  const provider = providerOf(blocked[0]!.profileId);
  const since = formatTime(Math.max(...blocked.map(({ state }) => state.sinceMs)));
  return `No profile of ${provider} is left since ${since}: its spend limit is reached or its credit is used up. The gateway tests every 15 minutes whether that is over. ${ASK}`;
}

/**
 * What a client may be told about the time, also beside a provider's own 429 that is passed on: ready within a minute →
 * `retry-after`; later → every `retry-after*` removed and `x-should-retry: false`.
 */
export function retryAdvice(readyAtMs: number | undefined, nowMs: number): RetryAdvice {
  if (readyAtMs === undefined || readyAtMs - nowMs > LONGEST_RETRY_AFTER_MS)
    return { retryAfterSeconds: undefined, mayRetry: false };
  return { retryAfterSeconds: Math.max(1, Math.ceil((readyAtMs - nowMs) / SECOND_MS)), mayRetry: true };
}

const FALLS_BACK: readonly Outcome[] = ['rate_limited', 'billing', 'auth', 'model_denied', 'overloaded'];

/** Whether the next model of `fallbacks` may answer in place of one whose last answer was this. */
export function mayFallBack(outcome: Outcome): boolean {
  return FALLS_BACK.includes(outcome);
}

const COOLING: readonly Reason[] = ['rate_limit', 'model_denied', 'grant_rate'];

/** Which kind of trouble a client is told about when profiles are in different ones. */
export function decidingReason(blocked: readonly Blocked[]): 'cooling' | 'billing' | 'auth' | 'not_granted' {
  if (blocked.some(({ state }) => COOLING.includes(state.reason))) return 'cooling';
  if (blocked.some(({ state }) => state.reason === 'billing')) return 'billing';
  return blocked.every(({ state }) => state.reason === 'not_granted') ? 'not_granted' : 'auth';
}

function soonestOf(blocked: readonly Blocked[]): number | undefined {
  const times = blocked.map(({ readyAtMs }) => readyAtMs).filter((at) => at !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

function cooling(message: Message, advice: RetryAdvice): NothingUsable {
  return {
    status: 429,
    code: 'NO_USABLE_PROFILE',
    text: textOf(message),
    ...advice,
    openAiType: 'rate_limit_exceeded',
  };
}

function outOfCredit(message: Message, dialect: Dialect): NothingUsable {
  return {
    // The one form at which Codex stops instead of trying six times.
    status: dialect === 'openai' ? 429 : 402,
    code: 'PROFILES_OUT_OF_CREDIT',
    text: textOf(message),
    retryAfterSeconds: undefined,
    mayRetry: false,
    openAiType: 'insufficient_quota',
  };
}

function refused(message: Message): NothingUsable {
  return {
    status: 401,
    code: 'PROFILES_REFUSED',
    text: textOf(message),
    retryAfterSeconds: undefined,
    mayRetry: false,
    openAiType: undefined,
  };
}

function textOf({ text, remedy }: Message): string {
  return `${text} ${remedy}`;
}
