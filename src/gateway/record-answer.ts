import type { Served } from './answer-from-models.ts';
import type { GatewayParts } from './gateway-parts.ts';
import type { Ending } from './give-answer.ts';
import type { ProxyRequest } from './proxy-request.ts';

/** What is kept of a served request: which profile its session is on, and a line in the log. */
export function recordAnswer(gateway: GatewayParts, request: ProxyRequest, served: Served, ending: Ending): void {
  const { agentId, session, exchange, route } = request;
  const { profile, judgement, answer } = served.judged;
  const nowMs = gateway.now();
  if (judgement.outcome === 'ok' && route.purpose === 'generate') {
    const entry = gateway.sessions.remember({ agentId, provider: profile.provider.id, session }, profile.id, nowMs);
    gateway.later.noteSession(entry);
  }
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
      durationMs: nowMs - exchange.startedAtMs,
    },
    'request',
  );
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
