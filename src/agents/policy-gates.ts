import type { ModelRef } from '../config/model-ref.ts';
import { formatTime } from '../core/time.ts';
import { isModelLimited, refusalOf, type Standing, stopOf } from './decide.ts';
import type { Policy } from './policy.ts';

/** One condition that requests must pass: its name, whether it is open, and why. */
export interface Gate {
  readonly name: string;
  readonly open: boolean;
  readonly why: string;
  /** What closed it, where an agent is paused for that: scripts match it. */
  readonly cause?: 'provider_spend_limit';
}

/** What the next request is likely to want. */
export interface Expected {
  readonly providerIds: readonly string[];
  readonly model: ModelRef | undefined;
}

/**
 * The gates that an agent's state and policy are, by the decision that requests get: `agent`, one `provider:<id>` for
 * each provider, and `route` and `model` where a policy limits those.
 */
export function policyGates(standing: Standing, { providerIds, model }: Expected, nowMs: number): Gate[] {
  // Each gate for itself: a paused agent's providers are not closed for that.
  const active = { ...standing, agent: { ...standing.agent, expiresAtMs: null }, pause: undefined };
  const providers = providerIds.map((providerId) => {
    const refused = refusalOf(active, { providerId }, nowMs);
    return gate(`provider:${providerId}`, `${providerId} is allowed.`, refused);
  });
  return [agentGate(standing, nowMs), ...providers, ...routeGate(active, nowMs), ...modelGate(active, model, nowMs)];
}

function agentGate(standing: Standing, nowMs: number): Gate {
  const { id, expiresAtMs } = standing.agent;
  const until = expiresAtMs === null ? '' : ` until ${formatTime(expiresAtMs)}`;
  return gate('agent', `Agent "${id}" is active${until}.`, stopOf(standing, nowMs));
}

function routeGate(standing: Standing, nowMs: number): Gate[] {
  const { agent, token } = standing;
  if (!agent.policy.routes && !token?.policy.routes) return [];
  const byRoutes = only(standing, ({ routes }) => (routes ? { routes } : {}));
  return [
    gate('route', 'Answers may be asked for.', refusalOf(byRoutes, { providerId: '', purpose: 'generate' }, nowMs)),
  ];
}

function modelGate(standing: Standing, model: ModelRef | undefined, nowMs: number): Gate[] {
  if (!model || !isModelLimited(standing)) return [];
  const byModels = only(standing, ({ models }) => (models ? { models } : {}));
  const wish = { providerId: model.provider, purpose: 'generate', models: [model.model], startsWork: true } as const;
  return [gate('model', `${model.provider}/${model.model} is allowed.`, refusalOf(byModels, wish, nowMs))];
}

/** The same standing with one part of its policies. */
function only({ agent, token }: Standing, part: (policy: Policy) => Policy): Standing {
  return {
    agent: { ...agent, policy: part(agent.policy) },
    pause: undefined,
    token: token && { providers: null, policy: part(token.policy) },
  };
}

function gate(name: string, whenOpen: string, refused: { readonly message: string } | undefined): Gate {
  return refused ? { name, open: false, why: refused.message } : { name, open: true, why: whenOpen };
}
