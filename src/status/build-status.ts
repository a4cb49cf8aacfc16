import { agentConfig } from '../config/agent-view.ts';
import { formatModelRef } from '../config/model-ref.ts';
import { gatewayHost } from '../gateway/gateway-file.ts';
import { unusableProfiles } from '../rotation/describe.ts';
import { pauseOf } from './agent-pause.ts';
import { budgetStatus } from './budget-status.ts';
import { cachePolicies } from './cache-policy.ts';
import { gatesOf } from './gates.ts';
import type { ModelsStatus } from './models-status.ts';
import { profileStatuses } from './profile-status.ts';
import { providerStatus } from './provider-status.ts';
import type { StatusFacts } from './status-facts.ts';

/** The `models status` object, from what was read and what the vault said about itself. */
export function buildStatus(facts: StatusFacts, isVaultAvailable: boolean): ModelsStatus {
  const { config } = facts.loaded;
  const { models } = facts;
  const providers = facts.rosters.map(({ provider, roster }) => providerStatus(facts, provider, roster));
  const known = new Set(facts.rosters.map(({ provider }) => provider.id));
  const isMissing = (id: string) =>
    !known.has(id) || providers.some(({ provider, effective }) => provider === id && effective.kind === 'missing');
  return {
    schemaVersion: 1,
    configPath: facts.loaded.path,
    stateDir: facts.stateDir,
    agentId: facts.agentId,
    gateway: gatewayStatus(facts),
    defaultModel: agentConfig(config, facts.agentId)?.model?.primary ?? config.agents.defaults.model.primary ?? null,
    resolvedDefault: models.primary ? formatModelRef(models.primary) : null,
    fallbacks: models.fallbacks.map(formatModelRef),
    aliases: Object.fromEntries([...models.aliases].map(([alias, ref]) => [alias, formatModelRef(ref)])),
    allowed: facts.standing?.agent.policy.models ?? [],
    auth: {
      vault: { kind: config.vault?.kind ?? null, available: isVaultAvailable },
      missingProvidersInUse: facts.inUse.filter(isMissing),
      providers,
      profiles: facts.rosters.flatMap(({ provider, roster }) => profileStatuses(facts, provider, roster)),
      unusableProfiles: unusableProfiles(facts.states, facts.nowMs, facts.agentId),
      cachePolicy: cachePolicies(facts),
    },
    pause: pauseOf(facts),
    gates: gatesOf(facts, providers),
    budgets: facts.budgets.map((state) => budgetStatus(state, config.timeZone)),
  };
}

function gatewayStatus({ gateway }: StatusFacts): ModelsStatus['gateway'] {
  if (!gateway) return { running: false, ...gatewayHost() };
  const { pid, url, host, user } = gateway;
  return { running: true, pid, url, host, user };
}
