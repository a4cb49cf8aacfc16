import type { CooldownConfig } from '../config/schema.ts';
import { nextStates } from '../rotation/cooldown.ts';
import type { HealthStore } from './health-store.ts';
import type { TestCallResult } from './test-call.ts';

/**
 * Writes down what a test call says about a stored profile: a pass clears every state; a refusal or a limit counts as the
 * gateway would count it; an unreachable provider changes nothing. `model` is spelt as the gateway spells it. Gives the
 * number of states that a pass cleared.
 */
export function applyTest(
  health: HealthStore,
  profile: { readonly agentId: string; readonly profileId: string },
  result: TestCallResult,
  context: { readonly model: string; readonly config: CooldownConfig },
): number {
  const { agentId, profileId } = profile;
  if (result.verdict === 'valid') return health.clearAll(agentId, profileId);
  const { model, config } = context;
  const occurrence = { agentId, profileId, model, causedBy: agentId, servedByAnother: false, config };
  for (const change of nextStates(health.list(agentId), result.judgement, occurrence, result.answeredAtMs)) {
    if (change.kind === 'set') health.put(change.state);
    else health.clear(agentId, profileId, change.scope.model);
  }
  return 0;
}
