import type { Gate, ProviderStatus } from './models-status.ts';
import type { StatusFacts } from './status-facts.ts';

/** Keys that a simulator issued are recognisable in their masked form. */
const SIMULATOR_LABEL = /^(sk-ant-sim-|xai-sim-|sk-sim-)/;

/** The conditions a request of this agent must pass, each by name. */
export function gatesOf(facts: StatusFacts, providers: readonly ProviderStatus[]): Gate[] {
  return [gatewayGate(facts), agentGate(facts), ...credentialGates(facts, providers), ...simulatorGates(facts)];
}

function gatewayGate({ gateway }: StatusFacts): Gate {
  const why = gateway ? `It listens at ${gateway.url}.` : 'No gateway runs. Start it with: moltbot gateway start';
  return { name: 'gateway', open: gateway !== undefined, why };
}

function agentGate({ agentId, agentExists }: StatusFacts): Gate {
  const why = agentExists
    ? `Agent "${agentId}" exists.`
    : `There is no agent "${agentId}" yet. Add it with: moltbot agents add ${agentId}`;
  return { name: 'agent', open: agentExists, why };
}

function credentialGates({ inUse }: StatusFacts, providers: readonly ProviderStatus[]): Gate[] {
  return providers
    .filter(({ provider }) => inUse.includes(provider))
    .map(({ provider, effective }) => ({
      name: `credential:${provider}`,
      open: effective.profileId !== undefined,
      why: effective.detail,
    }));
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
