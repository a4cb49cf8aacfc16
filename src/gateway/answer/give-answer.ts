import { isModelLimited, refusalOf } from '../../agents/decide.ts';
import { MoltbotError } from '../../core/errors.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { Served } from '../choose/answer-from-models.ts';
import type { Exchange } from '../exchange.ts';
import type { JudgedAnswer } from '../forward/attempt.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { headerOf } from '../headers/raw-headers.ts';
import { type Ending, type Giving, writeHead } from './answer-head.ts';
import { unreadable } from './answer-source.ts';
import { book } from './book.ts';
import { outcomeOfEnding } from './ledger-outcome.ts';
import type { CutAnswer } from './open-answers.ts';
import { relayBody } from './relay-body.ts';
import { relayEvents } from './relay-events.ts';

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
  if (isEventStream(judged) && request.route.format) {
    gateway.counters.openStreams += 1;
    return relayEvents(request, judged, giving).finally(() => {
      gateway.counters.openStreams -= 1;
    });
  }
  try {
    return await relayBody(request, judged, giving);
  } catch (error) {
    closeEntry(gateway, request, judged, 'broken');
    throw error;
  }
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
    mayList: mayListOf(gateway, request),
    ownPrefix: `${scheme}://${headerOf(request.rawHeaders, 'host')}/v1/proxy/${provider.id}`,
    close: (ending, then) => closeEntry(gateway, request, judged, ending, then),
    onCut: (cut) => {
      running.cutAnswer = cut;
    },
  };
}

function mayListOf(gateway: GatewayParts, { route, provider, token }: ProxyRequest): Giving['mayList'] {
  if (route.path !== 'models') return undefined;
  const standing = gateway.standings.of(token);
  if (!isModelLimited(standing)) return undefined;
  return (model) =>
    refusalOf(standing, { providerId: provider.id, purpose: 'models', models: [model] }, gateway.now()) === undefined;
}

/** Writes down how the giving of this answer ended, unless that is done already. */
export function closeEntry(
  { config, ledger, now }: GatewayParts,
  request: ProxyRequest,
  judged: JudgedAnswer,
  ending: Ending,
  then?: (isWritten: boolean) => void,
): void {
  const { entry, judgement } = judged;
  const { exchange } = request;
  if (!entry.isClosed) book(request, judged, ending === 'complete', config().models.prices);
  const end = { outcome: outcomeOfEnding(ending, judgement.outcome, exchange), endedAtMs: now() };
  ledger.close(entry, end, (error) => then?.(error === undefined));
}

/** Whether the answer may name something that from now on belongs to the profile which made it. */
function mayCreate({ route, method, facts, body }: ProxyRequest): boolean {
  // The files with its results are there when a batch is done: whoever looks at it then hears of them.
  if (route.purpose === 'batches') return true;
  if (method !== 'POST') return false;
  if (route.purpose === 'files') return true;
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

/** What cannot be read cannot be searched for our credential either, and is not sent. */
function sendErrorBody(exchange: Exchange, judged: JudgedAnswer, giving: Giving): Ending {
  const { readable, bytes, isDecoded } = judged.errorBody!;
  if (!readable) throw unreadable(judged);
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
