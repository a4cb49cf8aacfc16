import { type Gate, policyGates } from '../agents/policy-gates.ts';
import { diskGate } from '../gateway/admit/disk-gate.ts';
import { spendLimitPauses } from './agent-pause.ts';
import { budgetGate } from './budget-gate.ts';
import { openingCommand } from './opening-command.ts';
import type { ProviderStatus } from './provider-status.ts';
import { spendLimitText } from './spend-limit-text.ts';
import type { StatusFacts } from './status-facts.ts';

/** Keys that a simulator issued are recognisable in their masked form. */
const SIMULATOR_LABEL = /^(sk-ant-sim-|xai-sim-|sk-sim-)/;

/** The conditions a request of this agent must pass, each by name. */
export function gatesOf(facts: StatusFacts, providers: readonly ProviderStatus[]): Gate[] {
  return [
    gatewayGate(facts),
    ...diskGate(facts.freeDiskBytes, facts.loaded.config.ledger.minFreeDiskMb).map((gate) => withRemedy(facts, gate)),
    ...agentGates(facts),
    ...budgetGate(facts).map((gate) => withRemedy(facts, gate)),
    ...credentialGates(facts, providers),
    ...simulatorGates(facts),
  ];
}

/** Those that stop the agent's next request: a closed provider or credential does only where every one in use has one. */
export function stopping(gates: readonly Gate[], inUse: readonly string[]): Gate[] {
  const closed = gates.filter(({ open }) => !open);
  const always = closed.filter(({ name }) => ['gateway', 'disk', 'agent', 'budget', 'route', 'model'].includes(name));
  const ofProvider = (id: string) =>
    closed.find(({ name }) => name === `provider:${id}` || name === `credential:${id}`) ?? [];
  const each = inUse.map((id) => [ofProvider(id)].flat());
  return [...always, ...(each.every((found) => found.length > 0) ? each.flat() : [])];
}

function gatewayGate(facts: StatusFacts): Gate {
  const { gateway } = facts;
  const start = `No gateway runs. Start it with: ${openingCommand(facts, 'gateway')}`;
  const why = gateway ? `It listens at ${gateway.url}.` : start;
  return { name: 'gateway', open: gateway !== undefined, why };
}

/** What the agent's state and policy allow, by the decision that the gateway asks. */
function agentGates(facts: StatusFacts): Gate[] {
  const { agentId, standing, inUse, models, nowMs } = facts;
  if (!standing) {
    const why = `There is no agent "${agentId}" yet. Add it with: ${openingCommand(facts, 'agent')}`;
    return [{ name: 'agent', open: false, why }];
  }
  const gates = policyGates(standing, { providerIds: inUse, model: models.primary }, nowMs);
  return [...gates.map((gate) => withRemedy(facts, gate)), ...limitGate(facts)];
}

/** Here, where the person reads it, a closed gate says what opens it. */
function withRemedy(facts: StatusFacts, { name, open, why }: Gate): Gate {
  const how = name === 'disk' ? 'Free some space, or ask for less' : 'Open it';
  return { name, open, why: open ? why : `${why} ${how} with: ${openingCommand(facts, name)}` };
}

/** Whether it is reached, only the running gateway knows: it says so with the refusal. */
function limitGate({ standing }: StatusFacts): Gate[] {
  const { requestsPerMinute, concurrency } = standing?.agent.policy ?? {};
  const limits = [
    ...(requestsPerMinute === undefined ? [] : [`${requestsPerMinute} requests a minute`]),
    ...(concurrency === undefined ? [] : [`${concurrency} at a time`]),
  ];
  return limits.length === 0 ? [] : [{ name: 'limit', open: true, why: `At most ${limits.join(', ')}.` }];
}

function credentialGates(facts: StatusFacts, providers: readonly ProviderStatus[]): Gate[] {
  const pauses = new Map(spendLimitPauses(facts).map((pause) => [pause.provider, pause]));
  return providers
    .filter(({ provider }) => facts.inUse.includes(provider))
    .map(({ provider, effective }) => {
      const name = `credential:${provider}`;
      const pause = pauses.get(provider);
      if (pause) return { name, open: false, why: spendLimitText(pause, facts.agentId), cause: pause.cause };
      return { name, open: effective.profileId !== undefined, why: effective.detail };
    });
}

function simulatorGates({ profiles }: StatusFacts): Gate[] {
  return profiles
    .filter(({ label }) => SIMULATOR_LABEL.test(label))
    .map(({ profileId, origin }) => ({
      name: `simulator:${profileId}`,
      open: false,
      why: `${profileId} holds a simulator's key for ${origin}; its answers are not real.`,
    }));
}
