import { isModelLimited } from '../agents/decide.ts';
import type { AccessToken } from '../agents/token-store.ts';
import { budgetsOf } from '../budgets/budget.ts';
import { MoltbotError } from '../core/errors.ts';
import { findProvider } from '../providers/registry.ts';
import { admit } from './admit/admit.ts';
import { authenticateRequest } from './admit/authenticate-request.ts';
import { passGates } from './admit/gates.ts';
import type { Call, ProxyRequest } from './admit/proxy-request.ts';
import { readRequest } from './admit/read-request.ts';
import { giveAnswer } from './answer/give-answer.ts';
import { type CutAnswer, cutError, type OpenAnswer } from './answer/open-answers.ts';
import { noteHead, recordAnswer, recordUnanswered } from './answer/record-answer.ts';
import { answerFromModels } from './choose/answer-from-models.ts';
import { requestedModel } from './choose/requested-model.ts';
import type { Exchange } from './exchange.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { checkContentType } from './headers/hygiene.ts';
import { headerOf } from './headers/raw-headers.ts';
import { matchRoute } from './target/routes.ts';
import type { ProxyTarget } from './target/target.ts';

/**
 * One request, top to bottom: find where it goes, authenticate, pass the gates, read it, admit it; then choose, shape,
 * forward and judge until a profile answers; then stream that answer and record it. What is thrown on the way is one of
 * our errors and becomes an answer in the client's dialect at the listener.
 */
export async function serveProxyRequest(gateway: GatewayParts, exchange: Exchange, target: ProxyTarget): Promise<void> {
  const call = findCall(gateway, exchange, target);
  const token = authenticateRequest(gateway, exchange);
  const { disk, now } = gateway;
  passGates(gateway.standings.of(token), call, {
    isDraining: gateway.isDraining(),
    disk: disk.closed,
    nowMs: now(),
  });
  const running = new RunningRequest(token, exchange);
  let leave: (() => void) | undefined;
  gateway.openAnswers.add(running);
  try {
    const request = await readRequest(call, token, () => mustKnowModels(gateway, token));
    stopRunaway(gateway, request);
    const model = requestedModel(gateway.config(), gateway.providers(), request);
    leave = admit(gateway, request, model.first);
    const served = await answerFromModels(gateway, request, model);
    if (!served) return recordUnanswered(gateway, request);
    noteHead(gateway, request, served);
    const ending = await giveAnswer(gateway, request, served, running);
    recordAnswer(gateway, request, served, ending);
  } finally {
    leave?.();
    gateway.openAnswers.delete(running);
  }
}

function findCall(gateway: GatewayParts, exchange: Exchange, target: ProxyTarget): Call {
  const { method = 'GET', rawHeaders } = exchange.request;
  if (headerOf(rawHeaders, 'upgrade')?.toLowerCase() === 'websocket') throw noWebSocket();
  const provider = findProvider(gateway.providers(), target.provider);
  exchange.dialect = provider.dialect;
  exchange.providerId = provider.id;
  const { route, id } = matchRoute(method, target.path, provider.routes, provider.id);
  exchange.routePath = route.path;
  checkContentType(rawHeaders, route.body);
  return { exchange, provider, route, resourceId: id, method, path: target.path, query: target.query, rawHeaders };
}

/** Whether a policy, a grant or a budget is about some models, so that every model the request names must be known. */
function mustKnowModels({ standings, config, providers, rosterOf }: GatewayParts, token: AccessToken): boolean {
  if (isModelLimited(standings.of(token))) return true;
  if (budgetsOf(config()).some(({ scope }) => scope.model !== undefined)) return true;
  for (const provider of providers().values()) {
    if (rosterOf(token.agentId, provider).limitsModels) return true;
  }
  return false;
}

function stopRunaway(gateway: GatewayParts, { route, agentId, session, path, body }: ProxyRequest): void {
  if (route.purpose !== 'generate') return;
  const key = `${agentId} ${session} ${path}`;
  if (gateway.brake.isRunaway(key, body, gateway.config().gateway.brake, gateway.now())) throw runaway();
}

/** A request being served, as the watch over tokens sees it: how it is cut depends on how far it has come. */
export class RunningRequest implements OpenAnswer {
  readonly accessor: string;
  readonly agentId: string;
  readonly expiresAtMs: number;
  readonly #exchange: Exchange;
  /** Set while an answer is being sent: ends it in the client's dialect. */
  cutAnswer: CutAnswer | undefined;

  constructor(token: AccessToken, exchange: Exchange) {
    this.accessor = token.accessor;
    this.agentId = token.agentId;
    this.expiresAtMs = token.expiresAtMs;
    this.#exchange = exchange;
  }

  get profile(): OpenAnswer['profile'] {
    const asked = this.#exchange.askedProfile;
    if (asked?.source !== 'own' && asked?.source !== 'grant') return undefined;
    return { agentId: asked.agentId, profileId: asked.profileId };
  }

  readonly cut: CutAnswer = (cause) => {
    if (this.cutAnswer) this.cutAnswer(cause);
    else this.#exchange.refuse(cutError(cause, this.#exchange.askedProfile?.provider.id));
  };
}

function noWebSocket(): MoltbotError {
  return new MoltbotError('WEBSOCKET_NOT_SERVED', 'WebSocket is not served here.', {
    hint: 'Use POST with an event stream.',
  });
}

function runaway(): MoltbotError {
  return new MoltbotError(
    'RUNAWAY',
    'This session sends nearly the same growing request again and again, so it was stopped.',
    {
      hint: 'Restart the client; it may be repeating after a broken stream. The limit is gateway.brake.',
    },
  );
}
