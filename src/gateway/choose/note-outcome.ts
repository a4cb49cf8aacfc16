import { grantedId } from '../../core/ids.ts';
import { describeState } from '../../rotation/describe.ts';
import type { HealthState } from '../../rotation/types.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { JudgedAnswer } from '../forward/attempt.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { ModelChoice } from './requested-model.ts';

/** What an answer means for its profile: kept, counted, logged, and told to people where only they can end it. */
export function noteOutcome(
  gateway: GatewayParts,
  request: ProxyRequest,
  model: ModelChoice,
  { profile, judgement }: JudgedAnswer,
  servedByAnother: boolean,
): void {
  const occurrence = {
    agentId: profile.agentId,
    profileId: profile.profileId,
    model: model.healthModel,
    causedBy: request.agentId,
    servedByAnother,
    config: gateway.config().auth.cooldowns,
  };
  for (const state of gateway.health.note(judgement, occurrence, gateway.now())) {
    gateway.counters.noteCooldown(profile.provider.id, state);
    gateway.log.warn({ ...state, request: request.exchange.requestId }, 'profile is not to be used for a while');
    if (state.kind === 'disabled') tellDisabled(gateway, state);
  }
}

/** A cooldown passes by itself; this waits for money or for a person. */
function tellDisabled({ alerts, now }: GatewayParts, state: HealthState): void {
  const { agentId, profileId, reason, httpStatus, untilMs } = state;
  alerts.tell({
    kind: 'profile.disabled',
    atMs: now(),
    subject: grantedId(agentId, profileId),
    text: describeState(state, now()),
    detail: { agentId, profileId, reason, httpStatus, untilMs },
  });
}

/** A model that a profile refuses is held against it only once another profile has served that same model. */
export function noteDenials(
  gateway: GatewayParts,
  request: ProxyRequest,
  model: ModelChoice,
  denied: readonly JudgedAnswer[],
  servedByAnother: boolean,
): void {
  for (const each of denied) noteOutcome(gateway, request, model, each, servedByAnother);
}
