import * as v from 'valibot';
import { PROVIDER_SPEND_LIMIT } from '../../../rotation/spend-limit.ts';
import type { AgentPause } from '../../../status/agent-pause.ts';

const common = { reason: v.string(), since: v.number() };
const maybeNumber = v.nullable(v.number());

/** By a used-up budget. */
export const budgetPauseSchema = v.strictObject({
  cause: v.literal('budget'),
  reason: v.string(),
  since: maybeNumber,
  by: v.literal('gateway'),
  budget: v.string(),
  until: maybeNumber,
  command: v.string(),
});

/** The object of `status/agent-pause.ts`. */
export const pauseSchema = v.variant('cause', [
  v.strictObject({ cause: v.literal('person'), ...common, by: v.string() }),
  budgetPauseSchema,
  v.strictObject({
    cause: v.literal(PROVIDER_SPEND_LIMIT),
    ...common,
    by: v.literal('gateway'),
    provider: v.string(),
    until: maybeNumber,
    nextTestAt: maybeNumber,
    lastAnswer: v.strictObject({ at: v.number(), httpStatus: maybeNumber, errorType: v.nullable(v.string()) }),
    profiles: v.array(v.string()),
  }),
]);

export function shownPause(pause: AgentPause): v.InferOutput<typeof pauseSchema> {
  return pause.cause === PROVIDER_SPEND_LIMIT ? { ...pause, profiles: [...pause.profiles] } : pause;
}
