import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { Served } from '../choose/answer-from-models.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Ending } from './answer-head.ts';

/** Keeps a session on the profile that serves it, from the head of the answer on: clients ask in parallel. */
export function noteSession(
  gateway: GatewayParts,
  { agentId, session, route }: ProxyRequest,
  { judged }: Served,
): void {
  const { profile, judgement } = judged;
  if (judgement.outcome !== 'ok' || route.purpose !== 'generate') return;
  const key = { agentId, provider: profile.provider.id, session };
  gateway.later.noteSession(gateway.sessions.remember(key, profile.id, gateway.now()));
}

/** What is kept of a served request: a line in the log. */
export function recordAnswer(gateway: GatewayParts, request: ProxyRequest, served: Served, ending: Ending): void {
  const { agentId, exchange, route } = request;
  const { profile, judgement, answer } = served.judged;
  const nowMs = gateway.now();
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
