import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { Served } from '../choose/answer-from-models.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Ending } from './answer-head.ts';
import { closeEntry } from './give-answer.ts';

/**
 * The head of an answer is there: it is counted, and the session stays on the profile that serves it from here on,
 * because clients ask in parallel.
 */
export function noteHead(
  gateway: GatewayParts,
  { agentId, session, route, exchange }: ProxyRequest,
  { judged }: Served,
): void {
  const { profile, judgement } = judged;
  gateway.counters.firstByteMs.note(profile.provider.id, Math.max(0, gateway.now() - exchange.startedAtMs));
  if (judgement.outcome !== 'ok' || route.purpose !== 'generate') return;
  const key = { agentId, provider: profile.provider.id, session };
  gateway.later.noteSession(gateway.sessions.remember(key, profile.id, gateway.now()));
}

/**
 * What is kept of a served request: a line in the log, its place in the counts, and its end in the ledger where the
 * client did not see one (one that it saw was written down before).
 */
export function recordAnswer(gateway: GatewayParts, request: ProxyRequest, served: Served, ending: Ending): void {
  closeEntry(gateway, request, served.judged, ending);
  const { agentId, exchange, route } = request;
  const { profile, judgement, answer } = served.judged;
  const nowMs = gateway.now();
  const durationMs = nowMs - exchange.startedAtMs;
  gateway.counters.noteRequest({
    provider: profile.provider,
    route,
    status: answer.status,
    outcome: judgement.outcome,
    ending,
    durationMs,
    sentBytes: served.judged.entry.sentBytes,
  });
  if (served.leftSubscription) warnOfPaidKey(gateway, request, profile.id);
  gateway.log.info(
    {
      request: exchange.requestId,
      agent: agentId,
      accessor: request.token.accessor,
      provider: profile.provider.id,
      profile: profile.id,
      model: served.model.healthModel,
      route: route.path,
      status: answer.status,
      outcome: judgement.outcome,
      ending,
      durationMs,
    },
    'request',
  );
}

/** A request that was let in and whose client left, or was cut, before an answer came. */
export function recordUnanswered(gateway: GatewayParts, { provider, route, exchange }: ProxyRequest): void {
  gateway.counters.noteRequest({
    provider,
    route,
    status: undefined,
    outcome: 'client_gone',
    ending: exchange.response.headersSent ? 'cut' : 'client_gone',
    durationMs: gateway.now() - exchange.startedAtMs,
    sentBytes: 0,
  });
}

/** Once per agent and provider: from here on requests cost money that a subscription paid for before. */
function warnOfPaidKey(gateway: GatewayParts, { agentId, provider }: ProxyRequest, profileId: string): void {
  const key = `${agentId}/${provider.id}`;
  if (gateway.paidCrossings.has(key)) return;
  gateway.paidCrossings.add(key);
  gateway.log.warn(
    { agent: agentId, provider: provider.id, profile: profileId },
    'the subscription is used up: a paid key serves now',
  );
}
