import { normalizeModel } from '../catalog/models.ts';
import { formatModelRef, parseModelRef } from '../config/model-ref.ts';
import { MoltbotError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { formatTime } from '../core/time.ts';
import type { RoutePurpose } from '../providers/provider.ts';
import type { Agent } from './agent-store.ts';
import { EVERYONE, type Pause } from './pause-store.ts';
import type { Policy } from './policy.ts';
import type { AccessToken } from './token-store.ts';

/** Who asks: all that a decision needs to know of them. */
export interface Standing {
  readonly agent: Pick<Agent, 'id' | 'expiresAtMs' | 'policy'>;
  /** Its own pause or that of everything. */
  readonly pause: Pause | undefined;
  /** Left out where the question is about the agent and not about one of its tokens. */
  readonly token?: Pick<AccessToken, 'providers' | 'policy'> | undefined;
}

/** What is asked for. */
export interface Wish {
  readonly providerId: string;
  /** Left out while only the way to the provider is asked about. */
  readonly purpose?: RoutePurpose | undefined;
  /**
   * Every model the request names as the provider will read them; empty for one that names none. Left out while that is
   * not known yet.
   */
  readonly models?: readonly string[] | undefined;
  /** Whether the request can set a model to work: a list, a download, a cancellation cannot. */
  readonly startsWork?: boolean | undefined;
}

/**
 * The one place that decides what an agent and its token may do, for every route, alias and fallback. Undefined: it may.
 * Else AGENT_EXPIRED, AGENT_PAUSED, PROVIDER_NOT_ALLOWED, ROUTE_NOT_ALLOWED or MODEL_NOT_ALLOWED, with the closed gate.
 */
export function refusalOf(standing: Standing, wish: Wish, nowMs: number): MoltbotError | undefined {
  const { agent, token } = standing;
  const stopped = stopOf(standing, nowMs);
  if (stopped) return stopped;
  const agents = refusalBy(agent.policy, wish, `Agent "${agent.id}"`);
  if (agents || !token) return agents;
  const { providers, policy } = token;
  const listed = refusalBy(providers ? { providers: [...providers] } : {}, wish, TOKEN);
  return listed ?? refusalBy(policy, wish, TOKEN);
}

const TOKEN = 'This access token';
const ASK = 'Ask the person who runs this gateway.';

/** Why the agent may do nothing at all now. An expiry counts from its moment on. */
export function stopOf({ agent, pause }: Standing, nowMs: number): MoltbotError | undefined {
  if (agent.expiresAtMs !== null && nowMs >= agent.expiresAtMs) {
    return refusal('AGENT_EXPIRED', `Agent "${agent.id}" ended at ${formatTime(agent.expiresAtMs)}.`, ASK, 'agent');
  }
  if (!pause) return undefined;
  const who = pause.agentId === EVERYONE ? 'Every agent' : `Agent "${agent.id}"`;
  const why = pause.reason === '' ? '' : `: ${printable(pause.reason)}`;
  return refusal('AGENT_PAUSED', `${who} is paused by a person${why}.`, ASK, 'agent');
}

function refusalBy(policy: Policy, wish: Wish, who: string): MoltbotError | undefined {
  const { providers, routes } = policy;
  const { providerId, purpose } = wish;
  if (providers && !providers.includes(providerId)) {
    const text = `${who} may not use the provider "${printable(providerId)}".`;
    return refusal('PROVIDER_NOT_ALLOWED', text, listed('It may use', providers), `provider:${providerId}`);
  }
  if (purpose === undefined) return undefined;
  // Lists of models show what may be used: whoever may ask for something may see its name.
  if (routes && purpose !== 'models' && !routes.includes(purpose)) {
    const text = `${who} may not use routes for "${purpose}".`;
    return refusal('ROUTE_NOT_ALLOWED', text, listed('Its routes are for', routes), 'route');
  }
  return modelRefusal(policy, wish, who);
}

/**
 * With a list of models: each named one must be on it. A request that names none and can set one to work (a batch that
 * is described in a file, a file for it, a route the gateway does not know) needs its route named in the same policy;
 * where a model belongs into the request, a missing one is refused.
 */
function modelRefusal({ models, routes }: Policy, wish: Wish, who: string): MoltbotError | undefined {
  const { providerId, purpose, models: named } = wish;
  if (!models || named === undefined) return undefined;
  const allowed = allowedModels(models, providerId);
  if (allowed === 'all') return undefined;
  const other = named.find((model) => !allowed.has(normalizeModel(providerId, model)));
  if (other !== undefined) {
    const text = `${who} may not use the model "${printable(shortened(other))}".`;
    return refusal('MODEL_NOT_ALLOWED', text, listed('It may use', models), 'model');
  }
  if (named.length > 0 || !wish.startsWork) return undefined;
  if (purpose === 'generate' || purpose === 'count' || purpose === 'embeddings') {
    const text = `${who} is limited to some models, and this request names none that can be read.`;
    return refusal('MODEL_NOT_ALLOWED', text, listed('Name one of', models), 'model');
  }
  if (purpose !== undefined && purpose !== 'models' && routes?.includes(purpose)) return undefined;
  const text = `${who} is limited to some models, and what "${purpose}" asks for cannot be checked.`;
  return refusal('ROUTE_NOT_ALLOWED', text, ASK, 'route');
}

/** Canonical ids of the models at one provider that a policy's list allows; `all` with `provider/*`. */
function allowedModels(models: readonly string[], providerId: string): ReadonlySet<string> | 'all' {
  if (models.includes(`${providerId}/*`)) return 'all';
  const refs = models.flatMap((text) => parseModelRef(text) ?? []);
  return new Set(refs.filter(({ provider }) => provider === providerId).map(({ model }) => model));
}

/** Whether some policy here has a list of models, so that every model a request names must be known. */
export function isModelLimited({ agent, token }: Standing): boolean {
  return agent.policy.models !== undefined || token?.policy.models !== undefined;
}

/** A model of a policy in its one spelling: `anthropic/claude-haiku-4-5`; `provider/*` stays. Undefined for neither. */
export function canonicalModel(text: string): string | undefined {
  const ref = parseModelRef(text);
  return ref && formatModelRef(ref);
}

function listed(intro: string, names: readonly string[]): string {
  if (names.length === 0) return ASK;
  return `${intro}: ${names.map((name) => printable(name)).join(', ')}. ${ASK}`;
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function refusal(
  code: 'AGENT_EXPIRED' | 'AGENT_PAUSED' | 'PROVIDER_NOT_ALLOWED' | 'ROUTE_NOT_ALLOWED' | 'MODEL_NOT_ALLOWED',
  message: string,
  hint: string,
  gate: string,
): MoltbotError {
  return new MoltbotError(code, message, { hint, gate });
}
