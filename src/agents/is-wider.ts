import type { Agent, AgentTerms } from './agent-store.ts';
import type { Policy } from './policy.ts';

/** Whether new terms allow anything that those before did not: then a person is asked for the guard passphrase. */
export function isWider(before: Pick<Agent, 'expiresAtMs' | 'policy'>, after: AgentTerms): boolean {
  const { expiresAtMs = before.expiresAtMs, policy = before.policy } = after;
  return isLater(before.expiresAtMs, expiresAtMs) || isWiderPolicy(before.policy, policy);
}

function isWiderPolicy(before: Policy, after: Policy): boolean {
  return (
    isLonger(before.providers, after.providers) ||
    isLonger(before.models, after.models, (model) => `${model.slice(0, model.indexOf('/'))}/*`) ||
    isLonger(before.routes, after.routes) ||
    isLonger(routesForWork(before), routesForWork(after)) ||
    isMore(before.requestsPerMinute, after.requestsPerMinute) ||
    isMore(before.concurrency, after.concurrency)
  );
}

/** Beside a list of models, routes whose models nobody sees are open only where they are named (`decide.ts`). */
function routesForWork({ models, routes }: Policy): Policy['routes'] {
  return models && !routes ? ['generate', 'count', 'models', 'embeddings'] : routes;
}

/** No list is every entry. `coverOf` names the entry that stands for others, too: `anthropic/*`. */
function isLonger(
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
  coverOf: (entry: string) => string = (entry) => entry,
): boolean {
  if (!before) return false;
  return !after || after.some((entry) => !before.includes(entry) && !before.includes(coverOf(entry)));
}

/** No number is no limit. */
function isMore(before: number | undefined, after: number | undefined): boolean {
  if (before === undefined) return false;
  return after === undefined || after > before;
}

function isLater(before: number | null, after: number | null): boolean {
  if (before === null) return false;
  return after === null || after > before;
}
