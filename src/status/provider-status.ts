import type { Roster } from '../gateway/choose/roster.ts';
import { servingId } from '../profiles/serving-records.ts';
import type { Provider } from '../providers/provider.ts';
import { type Choice, choose } from '../rotation/choose.ts';
import { whyBlocked } from '../rotation/describe.ts';
import { isFromConfig, type StatusFacts } from './status-facts.ts';

/** One provider as `models status` shows it. */
export interface ProviderStatus {
  readonly provider: string;
  /** What the next request would use. */
  readonly effective: {
    readonly kind: 'profiles' | 'env' | 'missing';
    readonly profileId?: string;
    readonly detail: string;
  };
  readonly profiles: {
    readonly count: number;
    readonly token: number;
    readonly apiKey: number;
    readonly labels: readonly string[];
  };
}

/** What the next request of the agent to this provider would get, by the rules the gateway itself goes by. */
export function providerStatus(facts: StatusFacts, provider: Provider, roster: Roster): ProviderStatus {
  const records = facts.records.filter(({ profile }) => profile.provider === provider.id);
  return {
    provider: provider.id,
    effective: effective(facts, provider, roster),
    profiles: {
      count: records.length,
      token: records.filter(({ profile }) => profile.type === 'token').length,
      apiKey: records.filter(({ profile }) => profile.type === 'api_key').length,
      labels: records.map((record) => `${servingId(record)} ${record.profile.label}`),
    },
  };
}

/** The order in which the profiles would be tried now: usable ones first, then the blocked ones, soonest first. */
export function tryingOrder(facts: StatusFacts, provider: Provider, roster: Roster): string[] {
  const tried = new Set<string>();
  for (;;) {
    const choice = nextChoice(facts, provider, roster, tried);
    if (choice.kind === 'use') tried.add(choice.profileId);
    else return [...tried, ...(choice.kind === 'blocked' ? choice.blocked.map(({ profileId }) => profileId) : [])];
  }
}

/** Claude Code is the client that may use every kind of credential. */
export function nextChoice(
  facts: StatusFacts,
  provider: Provider,
  roster: Roster,
  tried: ReadonlySet<string> = new Set(),
  isClaudeCode = true,
): Choice {
  const { primary } = facts.models;
  const context = {
    agentId: facts.agentId,
    model: primary?.provider === provider.id ? primary.model : undefined,
    isClaudeCode,
    order: roster.order,
    pin: roster.pin,
    paidFallback: facts.loaded.config.auth.paidFallback,
    probing: new Set<string>(),
    tried,
  };
  return choose(roster.profiles, facts.states, context, facts.nowMs);
}

function effective(facts: StatusFacts, provider: Provider, roster: Roster): ProviderStatus['effective'] {
  const choice = nextChoice(facts, provider, roster);
  if (choice.kind === 'none') return missing(facts, provider, choice.expired);
  if (choice.kind === 'blocked') {
    const reasons = choice.blocked.map((blocked) => whyBlocked(blocked, facts.nowMs)).join('; ');
    return { kind: 'profiles', detail: `none usable now: ${reasons}` };
  }
  const profile = roster.profiles.find(({ id }) => id === choice.profileId)!;
  if (profile.source === 'none') return { kind: 'profiles', profileId: profile.id, detail: 'needs no credential' };
  if (profile.source === 'own' || profile.source === 'grant')
    return { kind: 'profiles', profileId: profile.id, detail: forClients(facts, provider, roster, profile.id) };
  return { kind: 'env', profileId: profile.id, detail: whereItIs(facts, provider) };
}

function whereItIs(facts: StatusFacts, provider: Provider): string {
  const name = facts.environment.get(provider.id)?.name ?? '';
  if (isFromConfig(facts, name)) return `${name} in the config's env`;
  return `${name} in the ${facts.seenBy === 'gateway' ? "gateway's" : "shell's"} environment`;
}

/** A subscription token serves Claude Code only; other clients go to the next profile. */
function forClients(facts: StatusFacts, provider: Provider, roster: Roster, profileId: string): string {
  const other = nextChoice(facts, provider, roster, new Set(), false);
  if (other.kind === 'use' && other.profileId === profileId) return profileId;
  const rest = other.kind === 'use' ? `${other.profileId} for other clients` : 'nothing for other clients';
  return `${profileId} for Claude Code, ${rest}`;
}

function missing(facts: StatusFacts, provider: Provider, expired: readonly string[]): ProviderStatus['effective'] {
  const why =
    expired.length > 0
      ? `${expired.join(', ')} expired`
      : `no credential for ${provider.id} of agent "${facts.agentId}"`;
  return { kind: 'missing', detail: why };
}
