import { refusalOf, type Standing } from '../../agents/decide.ts';
import { narrowest } from '../../agents/narrowest.ts';
import { type Gate, policyGates } from '../../agents/policy-gates.ts';
import type { AccessToken } from '../../agents/token-store.ts';
import { type BudgetLeft, budgetLeft } from '../../budgets/token-budget.ts';
import { isUsedUp } from '../../budgets/verdict.ts';
import { modelsOf } from '../../config/agent-view.ts';
import type { Provider } from '../../providers/provider.ts';
import { choose } from '../../rotation/choose.ts';
import { PROVIDER_SPEND_LIMIT, spendLimitIn, spendLimitSentence } from '../../rotation/spend-limit.ts';
import { authenticateRequest } from '../admit/authenticate-request.ts';
import { limitsOn } from '../admit/limits.ts';
import { budgetRefusal } from '../budget/budget-refusal.ts';
import type { Exchange } from '../exchange.ts';
import type { GatewayParts } from '../gateway-parts.ts';

/** `GET /v1/self`: what the token that is sent may do, and what is left of it. Times are epoch ms; null is no limit. */
export interface Self {
  readonly agentId: string;
  readonly accessor: string;
  /** Of the gateway's providers. */
  readonly providers: readonly string[];
  readonly models: readonly string[] | null;
  readonly routes: readonly string[] | null;
  readonly expiresAt: number;
  readonly usesLeft: number | null;
  /** The token's own. */
  readonly budget: BudgetLeft | null;
  readonly limits: { readonly requestsPerMinute: number | null; readonly concurrency: number | null };
  readonly paused: boolean;
  readonly gates: readonly Gate[];
}

/** Answers also where a gate is closed, to say which. Fails as `authenticateRequest`; takes no use of the token. */
export function selfOf(gateway: GatewayParts, exchange: Exchange): Self {
  const token = authenticateRequest(gateway, exchange);
  const standing = gateway.standings.of(token);
  const { agent, pause } = standing;
  const { models, routes, requestsPerMinute, concurrency } = narrowest(agent.policy, token.policy);
  const providers = allowedProviders(gateway, standing);
  const account = gateway.budgets.ofToken(token);
  // Other processes' writes are noticed, our own are not: uses are counted here.
  const usesLeft = gateway.authenticator.current(token.accessor)?.usesLeft ?? null;
  return {
    agentId: agent.id,
    accessor: token.accessor,
    providers: providers.map(({ id }) => id),
    models: models ?? null,
    routes: routes ?? null,
    expiresAt: Math.min(token.expiresAtMs, agent.expiresAtMs ?? Number.MAX_SAFE_INTEGER),
    usesLeft,
    budget: account ? budgetLeft(account.budget, account.spent) : null,
    limits: { requestsPerMinute: requestsPerMinute ?? null, concurrency: concurrency ?? null },
    paused: pause !== undefined,
    gates: gatesOf(gateway, { ...standing, token: { ...token, usesLeft } }, providers),
  };
}

function allowedProviders({ providers, now }: GatewayParts, { agent, token }: Standing): Provider[] {
  const active = { agent: { ...agent, expiresAtMs: null }, pause: undefined, token };
  return [...providers().values()].filter(({ id }) => refusalOf(active, { providerId: id }, now()) === undefined);
}

function gatesOf(gateway: GatewayParts, standing: Standing & { token: AccessToken }, allowed: readonly Provider[]) {
  const { agent, token } = standing;
  const nowMs = gateway.now();
  const named = token.providers ?? agent.policy.providers ?? [];
  const used = allowed.filter(
    (provider) => named.includes(provider.id) || gateway.rosterOf(agent.id, provider).profiles.length > 0,
  );
  const model = modelsOf(gateway.config(), agent.id).primary;
  const policy = policyGates(standing, { providerIds: used.map(({ id }) => id), model }, nowMs);
  return [
    { name: 'gateway', open: !gateway.isDraining(), why: gateway.isDraining() ? 'It is stopping.' : 'It runs.' },
    ...(gateway.disk.closed ? [gateway.disk.closed] : []),
    ...policy,
    ...used.map((provider) => credentialGate(gateway, standing.token, provider)),
    ...budgetGate(gateway, standing.token),
    limitGate(gateway, standing),
  ];
}

/** By the rule requests go by. */
function credentialGate(gateway: GatewayParts, { agentId, profileId }: AccessToken, provider: Provider): Gate {
  const { health, config, now } = gateway;
  const { primary } = modelsOf(config(), agentId);
  const roster = gateway.rosterOf(agentId, provider);
  const context = {
    agentId,
    model: primary?.provider === provider.id ? primary.model : undefined,
    isClaudeCode: true,
    order: roster.order,
    pin: profileId ?? roster.pin,
    stickyProfileId: undefined,
    paidFallback: config().auth.paidFallback,
    probing: health.probing,
    tried: new Set<string>(),
  };
  const ofGrants = gateway.grantUses.states(
    roster.profiles,
    { agentId, model: context.model, isModelList: false },
    now(),
  );
  const states = [...health.states, ...roster.misdirected, ...ofGrants];
  const choice = choose(roster.profiles, states, context, now());
  const limit = spendLimitIn({ agentId, provider: provider.id }, choice, []);
  const why = {
    use: 'A credential can be used.',
    blocked: 'Every credential is cooling down or disabled.',
    none: 'There is no credential.',
  }[choice.kind];
  const name = `credential:${provider.id}`;
  if (limit) return { name, open: false, why: spendLimitSentence(limit), cause: PROVIDER_SPEND_LIMIT };
  return { name, open: choice.kind === 'use', why };
}

/** Of the token's own budget, where it has one. */
function budgetGate({ budgets, config }: GatewayParts, token: AccessToken): Gate[] {
  const account = budgets.ofToken(token);
  if (!account) return [];
  if (!isUsedUp(account)) return [{ name: 'budget', open: true, why: 'There is something left to spend.' }];
  const { message } = budgetRefusal({ kind: 'used_up', account }, undefined, config().timeZone);
  return [{ name: 'budget', open: false, why: message }];
}

function limitGate({ limits, now }: GatewayParts, standing: Standing & { token: AccessToken }): Gate {
  if (standing.token.usesLeft === 0) return { name: 'limit', open: false, why: 'The token has no uses left.' };
  const reached = limits.reached(limitsOn(standing), now());
  return { name: 'limit', open: reached === undefined, why: reached?.message ?? 'There is room for a request.' };
}
