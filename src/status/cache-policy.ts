import { paramsOf } from '../config/agent-view.ts';
import { formatModelRef, type ModelRef, parseModelRef } from '../config/model-ref.ts';
import { USUAL_TTL } from '../ledger/cache-advice/cache-choice.ts';
import { cacheChoiceText } from './cache-choice-text.ts';
import type { CachePolicy } from './models-status.ts';
import { nextChoice } from './provider-status.ts';
import type { StatusFacts } from './status-facts.ts';

/** For each model in use or with a setting: whether `cacheControlTtl` is put into its requests now, and why. */
export function cachePolicies(facts: StatusFacts): CachePolicy[] {
  const { models, loaded } = facts;
  const configured = Object.keys(loaded.config.agents.defaults.models).flatMap((key) => parseModelRef(key) ?? []);
  const refs = [models.primary, ...models.fallbacks, ...configured].filter((ref) => ref !== undefined);
  const byName = new Map(refs.map((ref) => [formatModelRef(ref), ref]));
  return [...byName].map(([model, ref]) => ({ model, ...policyOf(facts, ref) }));
}

function policyOf(facts: StatusFacts, ref: ModelRef): Omit<CachePolicy, 'model'> {
  const ttl = paramsOf(facts.loaded.config, facts.agentId, ref).cacheControlTtl;
  if (ttl === undefined)
    return { cacheControlTtl: null, applies: false, why: 'No cacheControlTtl is set for this model.' };
  const obstacle = whyNot(facts, ref);
  if (obstacle) return { cacheControlTtl: ttl, applies: false, why: obstacle };
  if (ttl !== 'auto') return { cacheControlTtl: ttl, applies: true, why: `Cache marks without a time get "${ttl}".` };
  const choice = facts.cacheChoices.find(({ model }) => model === formatModelRef(ref));
  const chosen = choice?.ttl ?? USUAL_TTL;
  const why = `Cache marks without a time get ${cacheChoiceText(choice, facts.gateway !== undefined)}`;
  return { cacheControlTtl: ttl, chosen, applies: true, why };
}

/** What keeps a setting from the next request of the agent; undefined: nothing. */
function whyNot(facts: StatusFacts, ref: ModelRef): string | undefined {
  const known = facts.rosters.find(({ provider }) => provider.id === ref.provider);
  if (!known) return `There is no credential for ${ref.provider}.`;
  const { provider, roster } = known;
  if (provider.dialect !== 'anthropic') return `${provider.displayName} takes no cache marks.`;
  const choice = nextChoice(facts, provider, roster);
  const chosen = choice.kind === 'use' ? roster.profiles.find(({ id }) => id === choice.profileId) : undefined;
  return chosen?.type === 'token' ? `${chosen.id} is a subscription token, which gets none.` : undefined;
}
