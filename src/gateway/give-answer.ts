import { MoltbotError } from '../core/errors.ts';
import type { RetryAdvice } from '../rotation/nothing-usable.ts';
import type { Served } from './answer-from-models.ts';
import type { JudgedAnswer } from './attempt.ts';
import type { Exchange } from './exchange.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { headerOf } from './headers/raw-headers.ts';
import type { CutAnswer } from './open-answers.ts';
import type { ProxyRequest } from './proxy-request.ts';
import { relayBody } from './relay-body.ts';
import { relayEvents } from './relay-events.ts';
import { clientHeaders } from './shape/headers.ts';
import type { IdleTicker } from './stream/idle-ticker.ts';

/** How the giving of an answer ended, for the record. */
export type Ending = 'complete' | 'upstream_error' | 'broken' | 'silent' | 'client_gone' | 'cut';

/** What the relays need beside the answer itself. */
export interface Giving {
  readonly keepAliveAfterMs: number;
  readonly silenceMs: number;
  readonly ticker: IdleTicker;
  /** Set when another model than the requested one answered. */
  readonly fallbackModel: string | undefined;
  /** What stands in place of a passed 429's own `retry-after`: clients hang on long ones. */
  readonly retryAdvice: RetryAdvice | undefined;
  /** Called with the id of what was created upstream, before the client sees the end of the answer. */
  readonly onCreated: ((resourceId: string) => void) | undefined;
  /** Where the client reached us: stands in place of the provider in links to batch results. */
  readonly ownPrefix: string;
  /** Lets a revocation end this answer. */
  readonly onCut: (cut: CutAnswer) => void;
}

/** Sends an upstream's answer to the client. Resolves when the last byte was handed over, or there is nobody to hand to. */
export async function giveAnswer(
  gateway: GatewayParts,
  request: ProxyRequest,
  served: Served,
  running: { cutAnswer: CutAnswer | undefined },
): Promise<Ending> {
  const { judged } = served;
  const { answer, errorBody } = judged;
  if (!request.exchange.isOpen) {
    answer.abort();
    return 'client_gone';
  }
  if (answer.status >= 300 && answer.status < 400 && answer.status !== 304) {
    answer.abort();
    throw redirected(judged);
  }
  const giving = givingOf(gateway, request, served, running);
  if (errorBody) return sendErrorBody(request.exchange, judged, giving);
  if (isEventStream(judged) && request.route.format) return relayEvents(request, judged, giving);
  return relayBody(request, judged, giving);
}

function givingOf(
  gateway: GatewayParts,
  request: ProxyRequest,
  { judged, model, isFallback, retryAdvice }: Served,
  running: { cutAnswer: CutAnswer | undefined },
): Giving {
  const { pingAfterMs, timeouts } = gateway.config().gateway;
  const { provider } = request;
  const scheme = gateway.identity().isTls ? 'https' : 'http';
  return {
    keepAliveAfterMs: pingAfterMs,
    silenceMs: timeouts.silenceMs,
    ticker: gateway.ticker,
    fallbackModel: isFallback ? (model.wireModel ?? model.healthModel) : undefined,
    retryAdvice,
    onCreated: mayCreate(request) ? (id) => rememberOwner(gateway, request, judged, id) : undefined,
    ownPrefix: `${scheme}://${headerOf(request.rawHeaders, 'host')}/v1/proxy/${provider.id}`,
    onCut: (cut) => {
      running.cutAnswer = cut;
    },
  };
}

/** Whether the answer may name something that from now on belongs to the profile which made it. */
function mayCreate({ route, method, facts, body }: ProxyRequest): boolean {
  if (method !== 'POST') return false;
  if (route.purpose === 'files' || route.purpose === 'batches') return true;
  const store = facts.control?.fields.get('store');
  const isStored = !store || body.toString('latin1', store.start, store.end) !== 'false';
  return route.format === 'openai-responses' && isStored;
}

function rememberOwner(
  gateway: GatewayParts,
  request: ProxyRequest,
  { profile }: JudgedAnswer,
  resourceId: string,
): void {
  const { agentId } = request;
  const nowMs = gateway.now();
  gateway.persist(() => gateway.ownedIds.remember(agentId, profile.provider.id, resourceId, profile.id, nowMs));
}

/** Writes the head: upstream's headers without what must not pass, redacted, and ours. */
export function writeHead(
  { response, requestId }: Exchange,
  judged: JudgedAnswer,
  giving: Giving,
  changes: { keepsLength: boolean; contentLength?: number; isDecoded?: boolean },
): void {
  const { answer, credential } = judged;
  const kept = credential.redactor.redactHeaders(
    clientHeaders(answer.rawHeaders, { keepsLength: changes.keepsLength }),
  );
  const headers: string[] = [];
  for (let at = 0; at < kept.length; at += 2) {
    const name = kept[at]!.toLowerCase();
    if (changes.isDecoded && name === 'content-encoding') continue;
    if (giving.retryAdvice && (name.startsWith('retry-after') || name === 'x-should-retry')) continue;
    headers.push(kept[at]!, kept[at + 1]!);
  }
  const advice = giving.retryAdvice;
  if (advice && !advice.mayRetry) headers.push('x-should-retry', 'false');
  if (advice?.retryAfterSeconds !== undefined) headers.push('retry-after', String(advice.retryAfterSeconds));
  if (changes.contentLength !== undefined) headers.push('content-length', String(changes.contentLength));
  if (giving.fallbackModel !== undefined) headers.push('x-moltbot-model', giving.fallbackModel);
  headers.push('x-moltbot-request-id', requestId);
  response.writeHead(answer.status, headers);
}

function sendErrorBody(exchange: Exchange, judged: JudgedAnswer, giving: Giving): Ending {
  const { bytes, isDecoded } = judged.errorBody!;
  const isHead = exchange.request.method === 'HEAD';
  writeHead(exchange, judged, giving, { keepsLength: false, contentLength: bytes.length, isDecoded });
  exchange.response.end(isHead ? undefined : bytes);
  return 'complete';
}

function isEventStream({ answer }: JudgedAnswer): boolean {
  return answer.header('content-type')?.toLowerCase().startsWith('text/event-stream') ?? false;
}

/** A redirect is never followed and never reaches the client: it would leave the gateway, with or without the key. */
function redirected({ profile }: JudgedAnswer): MoltbotError {
  return new MoltbotError(
    'UPSTREAM_BROKEN',
    `${profile.provider.id} (${profile.base.origin}) answered with a redirect.`,
    {
      hint: `Its base URL is not the API's own: moltbot backend status ${profile.provider.id}`,
    },
  );
}
